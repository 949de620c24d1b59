"""Scenario types: everything a scenario can say, as strict and frozen values.

Collections are mappings from a name to a value, so that every number has one dotted path, such as
``settlement.channels.clearing.refusal_share``. Units stand in the field names: ``_usd_million``,
``_days``, ``_months``, ``_years``, ``_share`` (0 to 1), ``_rate`` (a year).
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from simulator.calendars import iranian_day
from simulator.scenario.quantities import (
    Frozen,
    NonNegative,
    Positive,
    Quantity,
    Rate,
    Share,
    Slots,
)

DEFAULT_SEED = 20230313
"""The seed of a scenario that names none: a fixed number, never chance."""

DEFAULT_REPLICATIONS = 1000

MEMORY = "former"
"""The field of a scenario that holds what stood in it before it was changed."""

DAYS_PER_YEAR = 365.25
"""The length of a year wherever a yearly rate meets a clock in days."""

DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0


VARYING = frozenset(
    {
        "affinity",
        "credit_limit_usd_million",
        "day_value_share",
        "default_share",
        "excess_days",
        "exit_after_failure_share",
        "fee_share",
        "freight_usd_per_tonne",
        "green_days",
        "green_share",
        "insurance_share",
        "minimum_days",
        "netting_share",
        "patience_days",
        "payment_days",
        "premium_share",
        "processing_days",
        "production_days",
        "red_days",
        "red_share",
        "refusal_share",
        "rejection_share",
        "reliability_share",
        "search_support",
        "slots",
        "tariff_share",
        "yellow_days",
    }
)
"""Names of the numbers that measures may change within a run; all others hold for a replication."""


FIRST_YEAR, LAST_YEAR = 1900, 2500
"""Gregorian years of which a scenario may speak; Iranian years are seen to lie outside."""


def _day(given: Any) -> date:
    """An ISO date written as text."""
    if isinstance(given, date):
        return given
    if not isinstance(given, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given):
        raise PydanticCustomError(
            "S131", "expected a date as YYYY-MM-DD, found {found}", {"found": str(given)[:40]}
        )
    meant = iranian_day(given)
    if meant is not None:
        raise PydanticCustomError(
            "S132",
            "{date} looks like an Iranian date (Gregorian {meant})",
            {
                "date": given,
                "meant": str(meant),
                "example": f"{meant}, or calendar: jalali at the top of the file",
            },
        )
    try:
        day = date.fromisoformat(given)
    except ValueError as error:
        raise PydanticCustomError(
            "S131", "{found} is not a day of the calendar", {"found": given}
        ) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise PydanticCustomError(
            "S131", "expected a year such as 2023, found {found}", {"found": given}
        )
    return day


def _month_day(given: Any) -> str:
    """A day of any year, as MM-DD."""
    if isinstance(given, str) and re.fullmatch(r"[0-9]{2}-[0-9]{2}", given):
        try:
            date.fromisoformat(f"2001-{given}")
        except ValueError as error:
            raise PydanticCustomError(
                "S131", "{day} is not a day of every year", {"day": given, "example": "MM-DD"}
            ) from error
        return given
    raise PydanticCustomError(
        "S131",
        "expected a day of the year as MM-DD, found {found}",
        {"found": str(given)[:40], "example": re.sub(r"^\d{4}-", "", str(given)[:10])},
    )


def _even_digits(code: str) -> str:
    """A product code in quotes, with the zero that has been lost in front of it."""
    return f'"{"0" * (len(code) % 2)}{code}"'


def _hs_code(given: Any) -> str:
    """A product code of the Harmonized System: 2, 4 or 6 digits, as text."""
    if isinstance(given, int | float):
        raise PydanticCustomError(
            "S133",
            "a product code is text: a leading zero would be lost",
            {"suggestion": _even_digits(str(given))},
        )
    if isinstance(given, str) and re.fullmatch(r"([0-9]{2}){1,3}", given):
        return given
    raise PydanticCustomError(
        "S133",
        "a product code has 2, 4 or 6 digits without dots, found {found}",
        {"found": str(given)[:40], "suggestion": _even_digits(str(given).replace(".", "")[:6])},
    )


Day = Annotated[date, BeforeValidator(_day)]
MonthDay = Annotated[str, BeforeValidator(_month_day), "day of every year"]
DottedPath = Annotated[str, "path"]
HSCode = Annotated[str, BeforeValidator(_hs_code)]
NAME_PATTERN = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
KEY_PATTERN = r"^[a-z0-9][a-z0-9_]{0,63}$"
YEAR_PATTERN = r"^[0-9]{4}$"
CODE_PATTERN = r"^[A-Z]{3}$"

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Key = Annotated[str, Field(pattern=KEY_PATTERN)]
Year = Annotated[str, Field(pattern=YEAR_PATTERN)]
ISO3 = Annotated[str, Field(pattern=CODE_PATTERN), "ISO 3166"]
Currency = Annotated[str, "ISO 4217"]


class Horizon(Frozen):
    """The days that are simulated; the warm-up before ``start`` fills the pipeline."""

    start: Day
    """First simulated day."""
    end: Day
    """Last simulated day."""
    warm_up_days: Annotated[int, Field(ge=0)] = 0
    """Days simulated before the start in the base state, to fill the pipeline."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.start:
            raise PydanticCustomError(
                "S141",
                "end ({end}) must be after start ({start})",
                {"start": str(self.start), "end": str(self.end)},
            )
        if self.warm_up_days >= self.days:
            raise PydanticCustomError(
                "S141",
                "warm_up_days ({warm_up}) must be shorter than the {days} days from start to end",
                {"warm_up": self.warm_up_days, "days": self.days},
            )
        return self

    @property
    def days(self) -> int:
        """Simulated days from ``start``, ``end`` included."""
        return (self.end - self.start).days + 1


class Target(Frozen):
    """The announced goal: turnover of one year, judged on stated statistics, first one first."""

    turnover_usd_million: Positive
    """Exports of both sides in the year."""
    year: int
    """The year, by the Gregorian year in which it begins."""
    statistics: Annotated[tuple[str, ...], Field(min_length=1)]
    """Offices that judge, the headline first."""


class Effect(Frozen):
    """What a measure changes when fully in effect: a number."""

    path: DottedPath
    """The number by its path, ``*`` for any name."""
    multiply: Positive | None = None
    """The factor when fully in effect."""
    add: Quantity | None = None
    """What is added when fully in effect."""

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        if (self.multiply is None) == (self.add is None):
            raise PydanticCustomError(
                "S124", "an effect needs either multiply or add, not both and not none", {}
            )
        return self


Effects = dict[Key, Effect]


class ExchangeRate(Frozen):
    """The free-market rate of a currency, and the wedge between it and the exporters' rate."""

    currency: Currency
    """A label: the code of ISO 4217."""
    depreciation_rate: Rate
    """Expected yearly fall of the currency, which inflation follows."""
    volatility: NonNegative
    """Standard deviation of the yearly log change."""
    news_jump: NonNegative
    """Log jump at a tightening of severity 1."""
    overshoot_months: Positive
    """E-folding time after which a jump or shock has become inflation."""
    pass_through_share: Share
    """Share of a change of the rate that reaches prices at the border."""
    premium_share: Share
    """What exporters lose by the rate at which they must sell their receipts."""
    premium_response: NonNegative
    """Rise of the premium per log point of overshoot."""


class SanctionsProcess(Frozen):
    """New sanctions on this economy as a marked point process; senders are outside the pair."""

    tightening_rate: NonNegative
    """New packages a year when the geopolitical factor is 0, as at the start."""
    easing_rate: NonNegative
    """Events a year when the geopolitical factor is 0, as at the start."""
    severity: NonNegative
    """Mean of the exponential mark of one tightening; effects are stated for severity 1."""
    relief_share: Share
    """Share of what is in force that one easing lifts."""
    anticipation_months: NonNegative
    """Time from the announcement of a tightening, when it begins to be felt, to its imposition."""
    buildup_years: NonNegative
    """Time in which a package builds up along a straight line."""
    fade_years: NonNegative
    """Time in which relief takes effect along a straight line."""
    effects: Effects
    """What severity 1 changes, by names of your choice."""


class Customs(Frozen):
    """Clearance at the importer's border: green, yellow and red lane."""

    green_share: Share
    """Share of orders that pass at once; yellow is the rest of green and red."""
    red_share: Share
    """Share of orders that are inspected."""
    green_days: NonNegative
    """Time in the green lane."""
    yellow_days: NonNegative
    """Time in the yellow lane, where documents are checked."""
    red_days: NonNegative
    """Time in the red lane, where goods are inspected."""
    rejection_share: Share
    """Share of red-lane orders sent back."""


class Economy(Frozen):
    """One of the two economies."""

    name: str
    """Its name for people."""
    output_growth_rate: Rate
    """Expected yearly growth of output."""
    output_volatility: NonNegative
    """Yearly standard deviation of log output."""
    exchange_rate: ExchangeRate
    """Its currency against the dollar."""
    customs: Customs
    """Clearance of what it imports."""
    sanctions_process: SanctionsProcess | None = None
    """New sanctions on it by chance; absent: none."""


class StatisticsOffice(Frozen):
    """How one side records the flow: its year, its errors."""

    title: str
    """Its name for people."""
    economy: ISO3
    """The side for which it publishes."""
    calendar: Literal["gregorian", "jalali"]
    """Whose years it keeps: Gregorian or Iranian (jalali)."""
    log_error_sd: NonNegative
    """Standard deviation of the log error of one direction in one year."""
    persistence_share: Share
    """Correlation of the error with the year before."""
    leak_share: Share
    """Share of imports that never appears under this partner."""


class Base(Frozen):
    """What the base flows of ``exports`` are an observation of."""

    year: int
    """Year of the last observed flows."""
    statistics: str
    """The statistics office that published them."""
    cif_factor: Positive
    """Imports with freight and insurance over exports free on board."""
    persistence_share: Share
    """Share of the last year's log departure from the average that lasts."""
    observed_under_frictions: bool
    """The base flows already passed refusals and rejections: potential is that much larger."""


class Adjustment(Frozen):
    """How fast bilateral capacity follows the potential."""

    short_run_share: Share
    """Share of a change in potential that trade follows at unchanged capacity."""
    up_years: Positive
    """Time constant of capacity below the potential."""
    down_years: Positive
    """Time constants of capacity below and above the potential."""
    exchange_elasticity: NonNegative
    """Response of trade to a currency's overshoot, which moves all partners of a side alike: an
    elasticity of import demand, not one between suppliers."""


class Relationships(Frozen):
    """Birth, growth and death of buyer-seller relationships, common to all goods."""

    hazard_shape: NonNegative
    """Strength of the part of the hazard that falls with age."""
    hazard_scale_years: Positive
    """Age by which that part has halved."""
    hazard_floor: NonNegative
    """Yearly hazard that stays at any age."""
    frailty_variance: NonNegative
    """Variance of the hazard between relationships, relative to its mean."""
    homogeneous_hazard_ratio: NonNegative
    """Hazard for homogeneous goods over that for differentiated ones."""
    start_share: Share
    """Size of a new relationship relative to its mature size."""
    growth_years: NonNegative
    """Time by which half of the way to the mature size is gone."""
    value_sigma: NonNegative
    """Spread of the mature sizes (standard deviation of the log)."""
    search_elasticity: NonNegative
    """Share of missing relationships found within the time in which capacity is built."""
    spillover: NonNegative
    """Rise of births when the stock of relationships is twice its norm."""
    search_support: NonNegative
    """Multiplier of births; 1 is business as usual."""
    profit_share: Share
    """Margin on sales out of which the sunk cost of entry is earned."""
    payback_years: Positive
    """Time within which profits must earn the cost of entry."""
    exit_after_failure_share: Share
    """Probability that a failed order ends the relationship."""
    order_interval: Literal["constant", "uniform", "exponential"]
    """Law of the time between orders: fixed, within half of it, or memoryless."""


class Good(Frozen):
    """One group of goods in one direction."""

    title: str
    """Its name for people."""
    hs: tuple[HSCode, ...]
    """A label: products by the Harmonized System."""
    share: Share
    """Share of the direction's base flow; shares sum to 1, and are scaled back to 1 when drawn."""
    latent_usd_million: NonNegative = Quantity(value=0.0)
    """Yearly potential that no relationship serves yet: how a zero flow can open."""
    price_usd_per_tonne: Positive
    """Price at the exporter's border at the start; freight is compared with it."""
    price_volatility: NonNegative
    """Yearly standard deviation of the log price."""
    trade_elasticity: NonNegative
    """Percent of trade per percent of trade cost in the long run."""
    tariff_share: Share
    """Import duty."""
    insurance_share: Share
    """Insurance on the way."""
    day_value_share: Share
    """Ad-valorem cost of one day in transit."""
    reliability_share: Share
    """Ad-valorem cost of one day of standard deviation in transit."""
    affinity: Quantity = Quantity(value=0.0)
    """Log shift of the potential by politics and senders' measures, zero in the base."""
    differentiated: bool
    """Branded goods, whose relationships last longer than those of homogeneous ones."""
    relationship_usd_million: Positive
    """Mean yearly value of a mature relationship."""
    sunk_cost_usd_million: NonNegative
    """Cost of entering the market, the same for large and small."""
    order_cost_usd: Positive
    """Fixed cost of one order; with the carrying rate it sets how often is ordered."""
    carrying_rate: Positive
    """Yearly cost of stock over its value."""
    order_cv: NonNegative
    """Coefficient of variation of the order value."""
    production_days: NonNegative
    """Mean time to make an order ready."""
    production_cv: NonNegative
    """Coefficient of variation of that time."""
    corridors: dict[Key, Share]
    """Share of orders by corridor, summing to 1."""


class Exports(Frozen):
    """The flow out of one economy into the other."""

    last_usd_million: NonNegative
    """Flow of the base year, as the base statistics published it."""
    average_usd_million: NonNegative
    """Average of the last three years, the anchor to which a jump may return."""
    affinity_volatility: NonNegative
    """Yearly standard deviation of log potential that nothing else explains."""
    goods: dict[Key, Good]
    """What is exported, by names of your choice."""


class Interruptions(Frozen):
    """An on/off process: exponential times between failures and to repair."""

    between_months: Positive
    """Mean time from a repair to the next failure."""
    repair_months: Positive
    """Mean time of a repair."""


class Clearing(Frozen):
    """A bilateral clearing account: beyond the limit, orders wait for trade the other way."""

    credit_limit_usd_million: NonNegative
    """Balance up to which either side may be in debt."""
    netting_share: Share
    """Share of the balance settled in hard currency at each month's end."""


class Channel(Frozen):
    """A settlement channel, in the aggregate."""

    title: str
    """Its name for people."""
    share: Share
    """Share of orders that try this channel first."""
    slots: Slots | None = None
    """Payments that can be set up at the same time for this pair; absent: no limit."""
    queue_limit: Annotated[int, Field(ge=0)] | None = None
    """Orders that may wait for a slot; absent: no limit."""
    processing_days: NonNegative
    """Mean time to set a payment up."""
    processing_cv: NonNegative = Quantity(value=0.0)
    """Coefficient of variation of that time."""
    processing_law: Literal["constant", "lognormal", "exponential"] = "lognormal"
    """Law of that time."""
    refusal_share: Share
    """Share of payments that the channel declines."""
    fee_share: Share
    """Cost of settlement as a share of the value: a wedge in the potential, never a lost order."""
    interruptions: Interruptions | None = None
    """When the channel is down; absent: never."""
    clearing: Clearing | None = None
    """The account behind a channel that nets both directions; absent: none."""


class Settlement(Frozen):
    """How orders are paid."""

    attempts: Annotated[int, Field(ge=1, le=2)]
    """Channels that an order may try: 1 or 2."""
    patience_days: Positive
    """Mean of the exponential time that a buyer waits in queues in all."""
    payment_days: NonNegative
    """Mean time from delivery to payment."""
    payment_cv: NonNegative
    """Coefficient of variation of that time."""
    default_share: Share
    """Share of delivered orders never paid; each one counts as a failed order."""
    channels: dict[Key, Channel]
    """Settlement channels, by names of your choice; their shares sum to 1."""


class Closing(Frozen):
    """Days of each year on which a corridor takes nothing."""

    first: MonthDay
    """First closed day, as MM-DD of the Gregorian calendar."""
    last: MonthDay
    """Last closed day; it may lie in the next year."""


class Corridor(Frozen):
    """A way between the two economies, in the aggregate."""

    title: str
    """Its name for people."""
    minimum_days: NonNegative
    """Shortest time door to door."""
    excess_days: NonNegative
    """Mean of the lognormal time above the minimum."""
    excess_cv: NonNegative
    """Coefficient of variation of the time above the minimum."""
    freight_usd_per_tonne: NonNegative
    """Freight door to door."""
    slots: Slots | None = None
    """Consignments under way at once in capacity dedicated to this pair; absent: no limit."""
    closed: bool = False
    """Closed for good: nothing passes."""
    closing: Closing | None = None
    """A season in which it is closed every year."""
    interruptions: Interruptions | None = None
    """When it is closed by chance; absent: never."""


class Clock(Frozen):
    """A lognormal waiting time."""

    median_months: NonNegative
    """Median of the time."""
    sigma: NonNegative
    """Standard deviation of the logarithm of the time."""


class Moment(Frozen):
    """When something happens: on a stated day, or after a clock from the information date.

    A bare date is short for ``{day: date}``.
    """

    day: Day | None = None
    """The day, when it is stated."""
    median_months: NonNegative | None = None
    """Median of the lognormal time from the information date, when no day is stated."""
    sigma: NonNegative | None = None
    """Standard deviation of the logarithm of that time."""
    ever_share: Share | None = None
    """Probability that it happens at all; absent: it surely does."""

    @model_validator(mode="before")
    @classmethod
    def _bare_day(cls, given: Any) -> Any:
        """A bare date is short for ``{day: date}``."""
        if isinstance(given, dict | Moment):
            return given
        if isinstance(given, date) or (isinstance(given, str) and re.match(r"\d", given)):
            return {"day": _day(given)}
        raise PydanticCustomError(
            "S131",
            "expected a date or a clock, found {found}",
            {
                "found": str(given)[:40],
                "example": "YYYY-MM-DD, or {median_months: 12, sigma: 0.6, ever_share: 0.5}",
            },
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A bare day, or fields of which one is a day or two are a clock."""
        fields = handler.resolve_ref_schema(handler(schema))
        described = {"title": "Moment", "description": fields.pop("description", "")}
        forms = [{"required": ["day"]}, {"required": ["median_months", "sigma"]}]
        bare = {"type": "string", "format": "date"}
        return {**described, "anyOf": [bare, {**fields, "oneOf": forms}]}

    @model_validator(mode="after")
    def _day_or_clock(self) -> Self:
        clock = (self.median_months, self.sigma)
        if (None in clock) if self.day is None else (clock != (None, None)):
            raise PydanticCustomError(
                "S124", "a moment needs either a day or a clock (median_months and sigma)", {}
            )
        return self


class Contract(Frozen):
    """A mega-contract: a single one at some moment, or a stream of them."""

    title: str
    """Its name for people."""
    exporter: ISO3
    """The economy that delivers."""
    good: str
    """One of the exporter's goods."""
    document: Literal["declaration", "memorandum", "framework", "firm"]
    """A label: how binding it is stands in ``execution_share``."""
    signed: Moment | None = None
    """When it is signed, if there is a single one."""
    rate: NonNegative | None = None
    """Contracts a year, when no moment is stated."""
    size_usd_million: Positive
    """Median face value."""
    size_sigma: NonNegative
    """Standard deviation of the log of the face value."""
    execution_share: Share
    """Probability that the contract is carried out at all."""
    fulfilment_share: Share
    """Mean share of the face value that is delivered when it is carried out."""
    fulfilment_spread: Share
    """0: always the mean; 1: as wide as a uniform law around a mean of one half."""
    delay_days: NonNegative
    """Time from signature to the first instalment."""
    spacing_days: NonNegative
    """Time between instalments."""
    instalments: Annotated[int, Field(ge=1, le=64)]
    """Number of equal instalments."""

    @model_validator(mode="after")
    def _dated_or_random(self) -> Self:
        if (self.signed is None) == (self.rate is None):
            raise PydanticCustomError(
                "S124", "a contract needs either a moment (signed) or a yearly rate, not both", {}
            )
        return self


class Agreement(Frozen):
    """A document between the two: signed, ratified by each side, in force, implemented in part."""

    title: str
    """Its name for people."""
    document: Literal["roadmap", "memorandum", "programme", "agreement", "trade_agreement"]
    """A label: what it does stands in its clocks and effects."""
    signed: Moment
    """When both sides sign."""
    ratification: dict[ISO3, Clock] = Field(default_factory=dict)
    """Time from signature to ratification by each side; absent where none is needed."""
    in_force: Moment | None = None
    """Entry into force, where it is stated instead of following from ratification."""
    ended: Moment | None = None
    """When it lapses or is denounced, all at once."""
    implemented_share: Share
    """Share of the text that is ever carried out."""
    phase_in_years: NonNegative
    """Time constant of the phase-in after entry into force."""
    effects: Effects
    """What it changes when fully carried out, by names of your choice."""

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Self:
        if self.in_force is not None:
            _in_order("in_force", self.in_force, "signed", self.signed, same_day=True)
            _in_order("ended", self.ended, "in_force", self.in_force)
        _in_order("ended", self.ended, "signed", self.signed)
        return self


class Sanction(Frozen):
    """A measure of a sender against one of the two economies."""

    title: str
    """Its name for people."""
    sender: str
    """A label, as is ``target``: what the measure does stands in its effects."""
    target: ISO3
    """The economy it is imposed on."""
    imposed: Moment
    """When it is imposed."""
    lifted: Moment | None = None
    """When it is lifted; absent: never."""
    buildup_years: NonNegative
    """Time in which the effect builds up along a straight line."""
    fade_years: NonNegative
    """Time in which the effect fades along a straight line after lifting."""
    effects: Effects
    """What it changes when fully built up, by names of your choice."""

    @model_validator(mode="after")
    def _lifted_after(self) -> Self:
        _in_order("lifted", self.lifted, "imposed", self.imposed)
        return self


class Member(Frozen):
    """A further member of a collective, with what it brings and what it takes."""

    title: str
    """Its name for people."""
    joins: Moment
    """When it joins, if the collective is there by then."""
    pooled_usd_million: NonNegative
    """Yearly trade that it settles through the platform, over which the fixed cost is spread."""
    offset_share: Share
    """Share of what is open between the two that its own balances with them let cancel, monthly."""
    diverted_share: Share
    """Share of the potential of the two that goes to it, which is cheaper to trade with as well."""


class Collective(Frozen):
    """A settlement platform that the two share with further members, who may or may not come."""

    title: str
    """Its name for people."""
    channel: str
    """The settlement channel that becomes the platform; balances net where it has an account."""
    founded: Moment
    """When the platform opens for the two."""
    ramp_years: NonNegative
    """Time in which the platform, and every member, comes to full use along a straight line."""
    pooled_usd_million: Positive
    """Yearly trade of the two themselves that goes through the platform."""
    platform_cost_usd_million: NonNegative
    """What the platform costs a year, whoever uses it."""
    saving_share: Share
    """What a payment through the platform saves of its value, before the cost of the platform."""
    complementarity_share: Share
    """Share of trade in which one of the two sells what the other buys: only there it saves."""
    retaliation_share: Share
    """Share of payments in all other channels that every further member makes banks decline."""
    members: dict[ISO3, Member] = Field(default_factory=dict)
    """Further members by their codes of ISO 3166."""


class Measure(Frozen):
    """Anything else that changes numbers from some day on: a reform, a service, a supposition."""

    title: str
    """Its name for people."""
    at: Moment
    """When it begins to act."""
    ramp_years: NonNegative = Quantity(value=0.0)
    """Time in which its effect builds up along a straight line; 0: at once."""
    until: Moment | None = None
    """When it ends; absent: never."""
    fade_years: NonNegative = Quantity(value=0.0)
    """Time in which its effect fades along a straight line after its end; 0: at once."""
    effects: Effects
    """What it changes when fully in effect, by names of your choice."""

    @model_validator(mode="after")
    def _ends_after(self) -> Self:
        _in_order("until", self.until, "at", self.at)
        return self


def _in_order(
    last: str, end: Moment | None, first: str, start: Moment, *, same_day: bool = False
) -> None:
    """An end on a stated day comes after a start on a stated day, or on the same one."""
    if end is None or end.day is None or start.day is None:
        return
    if end.day < start.day or (end.day == start.day and not same_day):
        raise PydanticCustomError(
            "S141",
            "{last} ({end}) must be after {first} ({start})",
            {"last": last, "end": str(end.day), "first": first, "start": str(start.day)},
        )


class Geopolitics(Frozen):
    """One common factor behind the shocks, and how much of each shock it is (a correlation)."""

    persistence_share: Share
    """Correlation of the factor from one month to the next."""
    sanction_loading: Quantity
    """Log intensity of tightening per standard deviation of the factor."""
    output_loading: Quantity
    """Correlation of output shocks with the factor."""
    exchange_loading: Quantity
    """Correlation of exchange-rate shocks with the factor."""
    price_loading: Quantity
    """Correlation of price shocks with the factor."""
    affinity_loading: Quantity
    """Correlation of unexplained trade with the factor."""


class Scenario(Frozen):
    """One question about two economies, and every number that answering it needs."""

    question: str
    """The question, as a sentence; it stands in the first line of a file."""
    name: Name
    """Name for folders and tables."""
    title: str
    """What is supposed, in a line."""
    version: Literal[1]
    """Version of the scenario language."""
    context_of_use: str
    """What the answer may be used for, and what not."""
    information_date: Day
    """Nothing published after this day is used."""
    prices: Literal["current_usd"]
    """Prices in which values are stated."""
    hs_edition: (
        Literal["HS1992", "HS1996", "HS2002", "HS2007", "HS2012", "HS2017", "HS2022", "HS2028"]
        | None
    ) = None
    """Edition of the Harmonized System to which the product codes belong."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Names all draws; absent: a fixed number of the program."""
    replications: Annotated[int, Field(ge=1)] = DEFAULT_REPLICATIONS
    """How often the future is simulated."""
    horizon: Horizon
    """What is simulated."""
    target: Target
    """What is asked."""
    world_price_rate: Rate
    """Yearly growth of dollar prices."""
    not_covered: tuple[str, ...] = ()
    """What the answer cannot speak of."""
    economies: dict[ISO3, Economy]
    """The two economies, by their codes of ISO 3166."""
    statistics: dict[Key, StatisticsOffice]
    """Statistics offices, by names of your choice."""
    history: dict[Key, dict[Year, float]] = Field(default_factory=dict)
    """Observed turnover by statistics office and year, million dollars; shown, never simulated."""
    base: Base
    """What the base flows are."""
    former: dict[str, Any] = Field(default_factory=dict)
    """By path, what stood there before this scenario was told apart from the one it changes."""
    exports: dict[ISO3, Exports]
    """The two flows, by the exporter's code."""
    adjustment: Adjustment
    """How trade follows its potential."""
    relationships: Relationships
    """How buyers and sellers find each other, stay together and part."""
    settlement: Settlement
    """How orders are paid, when and through which channels."""
    corridors: dict[Key, Corridor]
    """Ways between the two, by names of your choice."""
    geopolitics: Geopolitics
    """What the shocks have in common."""
    contracts: dict[Key, Contract] = Field(default_factory=dict)
    """Mega-contracts, by names of your choice."""
    agreements: dict[Key, Agreement] = Field(default_factory=dict)
    """Agreements between the two, by names of your choice."""
    sanctions: dict[Key, Sanction] = Field(default_factory=dict)
    """Sanctions that are in force or scheduled, by names of your choice."""
    measures: dict[Key, Measure] = Field(default_factory=dict)
    """Other dated changes, by names of your choice."""
    collective: Collective | None = None
    """A platform shared with further economies; absent: none."""

    def partner(self, economy: str) -> str:
        """The other one of the two economies."""
        return next(name for name in self.economies if name != economy)

    @property
    def offices(self) -> tuple[str, ...]:
        """The statistics to judge by: those of the target, the headline first, then the others."""
        named = self.target.statistics
        return (*named, *(key for key in sorted(self.statistics) if key not in named))

    @property
    def dated(self) -> dict[str, Agreement | Sanction | Measure]:
        """Everything with dated effects, by path, in the order of paths."""
        kinds: dict[str, dict[str, Any]] = {
            "agreements": self.agreements,
            "measures": self.measures,
            "sanctions": self.sanctions,
        }
        return {
            f"{kind}.{name}": found
            for kind, named in kinds.items()
            for name, found in sorted(named.items())
        }

    @property
    def effects(self) -> dict[str, Effects]:
        """All effects, by the path of what has them; processes of new sanctions last."""
        processes = {
            f"economies.{name}.sanctions_process": economy.sanctions_process
            for name, economy in sorted(self.economies.items())
        }
        return {path: measure.effects for path, measure in self.dated.items()} | {
            path: process.effects for path, process in processes.items() if process is not None
        }


def quantities(value: Any, path: str = "") -> Iterator[tuple[str, Quantity]]:
    """Every number of ``value`` with its dotted path, in the order of paths.

    What numbers were before a change (``former``) are other values of the same paths: left out.
    """
    if isinstance(value, Quantity):
        yield path, value
        return
    if isinstance(value, Frozen):
        children = {name: getattr(value, name) for name in type(value).model_fields}
    elif isinstance(value, dict):
        children = value
    else:
        return
    for name in sorted(children, key=str):
        if name == MEMORY:
            continue
        yield from quantities(children[name], f"{path}.{name}" if path else str(name))
