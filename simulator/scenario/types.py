"""Scenario types: everything a scenario can say, as strict and frozen values.

Collections are mappings from a name to a value, so that every number has one dotted path, such as
``settlement.channels.clearing.refusal_share``. Units stand in the field names: ``_usd_million``,
``_days``, ``_months``, ``_years``, ``_share`` (0 to 1), ``_rate`` (a year).
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from simulator.scenario.quantities import Frozen, NonNegative, Positive, Quantity, Rate, Share

DEFAULT_SEED = 20230313
"""The seed of a scenario that names none: a fixed number, never chance."""

DEFAULT_REPLICATIONS = 1000

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


def _day(given: Any) -> date:
    """An ISO date written as text."""
    if isinstance(given, date):
        return given
    if isinstance(given, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", given):
        try:
            return date.fromisoformat(given)
        except ValueError as error:
            raise PydanticCustomError(
                "S131", "{found} is not a day of the calendar", {"found": given}
            ) from error
    raise PydanticCustomError(
        "S131", "expected a date as YYYY-MM-DD, found {found}", {"found": str(given)[:40]}
    )


def _month_day(given: Any) -> str:
    """A day of any year, as MM-DD."""
    if isinstance(given, str) and re.fullmatch(r"\d{2}-\d{2}", given):
        _day(f"2001-{given}")
        return given
    raise PydanticCustomError(
        "S131", "expected a day of the year as MM-DD, found {found}", {"found": str(given)[:40]}
    )


def _hs_code(given: Any) -> str:
    """A product code of the Harmonized System: 2, 4 or 6 digits, as text."""
    if isinstance(given, int | float):
        raise PydanticCustomError(
            "S133",
            "a product code must be text, or a leading zero is lost",
            {"suggestion": f'"{given}"'},
        )
    if isinstance(given, str) and re.fullmatch(r"(\d{2}){1,3}", given):
        return given
    raise PydanticCustomError(
        "S133",
        "a product code has 2, 4 or 6 digits without dots, found {found}",
        {"found": str(given)[:40], "suggestion": f'"{str(given).replace(".", "")[:6]}"'},
    )


Day = Annotated[date, BeforeValidator(_day)]
MonthDay = Annotated[str, BeforeValidator(_month_day)]
HSCode = Annotated[str, BeforeValidator(_hs_code)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")]
Year = Annotated[str, Field(pattern=r"^\d{4}$")]
ISO3 = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Horizon(Frozen):
    """The days that are simulated; the warm-up before ``start`` fills the pipeline."""

    start: Day
    end: Day
    warm_up_days: Annotated[int, Field(ge=0)] = 0

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
    year: int
    statistics: Annotated[tuple[str, ...], Field(min_length=1)]


class Effect(Frozen):
    """What a measure changes when fully in effect: a number, by its path (``*``: any name)."""

    path: str
    multiply: Positive | None = None
    add: Quantity | None = None

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

    depreciation_rate: Rate
    volatility: NonNegative
    """Standard deviation of the yearly log change."""
    news_jump: NonNegative
    """Log jump at a tightening of severity 1."""
    overshoot_months: Positive
    """E-folding time after which a jump or shock has become inflation."""
    pass_through_share: Share
    premium_share: Share
    """What exporters lose by the rate at which they must sell their receipts."""
    premium_response: NonNegative
    """Rise of the premium per log point of overshoot."""


class SanctionsProcess(Frozen):
    """New sanctions on this economy as a marked point process; senders are outside the pair."""

    tightening_rate: NonNegative
    easing_rate: NonNegative
    """Events a year when the geopolitical factor is 0, as at the start."""
    severity: NonNegative
    """Mean of the exponential mark of one tightening; effects are stated for severity 1."""
    relief_share: Share
    """Share of what is in force that one easing lifts."""
    anticipation_months: NonNegative
    """Time from the announcement of a tightening, when it begins to be felt, to its imposition."""
    buildup_years: NonNegative
    fade_years: NonNegative
    effects: Effects


class Customs(Frozen):
    """Clearance at the importer's border: green, yellow and red lane."""

    green_share: Share
    red_share: Share
    green_days: NonNegative
    yellow_days: NonNegative
    red_days: NonNegative
    rejection_share: Share
    """Share of red-lane orders sent back."""


class Economy(Frozen):
    """One of the two economies."""

    name: str
    output_growth_rate: Rate
    output_volatility: NonNegative
    exchange_rate: ExchangeRate
    customs: Customs
    sanctions_process: SanctionsProcess | None = None


class StatisticsOffice(Frozen):
    """How one side records the flow: its year, its errors."""

    title: str
    economy: ISO3
    calendar: Literal["gregorian", "jalali"]
    log_error_sd: NonNegative
    """Standard deviation of the log error of one direction in one year."""
    persistence_share: Share
    """Correlation of the error with the year before."""
    leak_share: Share
    """Share of imports that never appears under this partner."""


class Base(Frozen):
    """What the base flows of ``exports`` are an observation of."""

    year: int
    statistics: str
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
    down_years: Positive
    """Time constants of capacity below and above the potential."""
    exchange_elasticity: NonNegative
    """Response of trade to a currency's overshoot, which moves all partners of a side alike: an
    elasticity of import demand, not one between suppliers."""


class Relationships(Frozen):
    """Birth, growth and death of buyer-seller relationships, common to all goods."""

    hazard_shape: NonNegative
    hazard_scale_years: Positive
    hazard_floor: NonNegative
    frailty_variance: NonNegative
    homogeneous_hazard_ratio: NonNegative
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
    exit_after_failure_share: Share
    """Probability that a failed order ends the relationship."""
    order_interval: Literal["constant", "uniform", "exponential"]
    """Law of the time between orders: fixed, within half of it, or memoryless."""


class Good(Frozen):
    """One group of goods in one direction."""

    title: str
    hs: tuple[HSCode, ...]
    """A label: products by the Harmonized System."""
    share: Share
    """Share of the direction's base flow; shares sum to 1, and are scaled back to 1 when drawn."""
    latent_usd_million: NonNegative = Quantity(value=0.0)
    """Yearly potential that no relationship serves yet: how a zero flow can open."""
    price_usd_per_tonne: Positive
    price_volatility: NonNegative
    trade_elasticity: NonNegative
    """Percent of trade per percent of trade cost in the long run."""
    tariff_share: Share
    insurance_share: Share
    day_value_share: Share
    """Ad-valorem cost of one day in transit."""
    reliability_share: Share
    """Ad-valorem cost of one day of standard deviation in transit."""
    affinity: Quantity = Quantity(value=0.0)
    """Log shift of the potential by politics and senders' measures, zero in the base."""
    differentiated: bool
    relationship_usd_million: Positive
    """Mean yearly value of a mature relationship."""
    sunk_cost_usd_million: NonNegative
    """Cost of entering the market, the same for large and small."""
    order_cost_usd: Positive
    """Fixed cost of one order; with the carrying rate it sets how often is ordered."""
    carrying_rate: Positive
    order_cv: NonNegative
    """Coefficient of variation of the order value."""
    production_days: NonNegative
    production_cv: NonNegative
    corridors: dict[Key, Share]
    """Share of orders by corridor, summing to 1."""


class Exports(Frozen):
    """The flow out of one economy into the other."""

    last_usd_million: NonNegative
    average_usd_million: NonNegative
    """Average of the last three years, the anchor to which a jump may return."""
    affinity_volatility: NonNegative
    """Yearly standard deviation of log potential that nothing else explains."""
    goods: dict[Key, Good]


class Interruptions(Frozen):
    """An on/off process: exponential times between failures and to repair."""

    between_months: Positive
    repair_months: Positive


class Channel(Frozen):
    """A settlement channel, in the aggregate."""

    title: str
    share: Share
    slots: NonNegative | None = None
    """Payments that can be set up at the same time for this pair; absent: no limit."""
    queue_limit: Annotated[int, Field(ge=0)] | None = None
    processing_days: NonNegative
    processing_cv: NonNegative = Quantity(value=0.0)
    processing_law: Literal["constant", "lognormal", "exponential"] = "lognormal"
    refusal_share: Share
    fee_share: Share
    """Cost of settlement as a share of the value: a wedge in the potential, never a lost order."""
    interruptions: Interruptions | None = None
    clearing: "Clearing | None" = None


class Clearing(Frozen):
    """A bilateral clearing account: beyond the limit, orders wait for trade the other way."""

    credit_limit_usd_million: NonNegative
    netting_share: Share
    """Share of the balance settled in hard currency at each month's end."""


class Settlement(Frozen):
    """How orders are paid."""

    attempts: Annotated[int, Field(ge=1, le=2)]
    patience_days: Positive
    """Mean of the exponential time that a buyer waits in queues in all."""
    payment_days: NonNegative
    payment_cv: NonNegative
    default_share: Share
    """Share of delivered orders never paid; each one counts as a failed order."""
    channels: dict[Key, Channel]


class Closing(Frozen):
    """Days of each year on which a corridor takes nothing."""

    first: MonthDay
    last: MonthDay


class Corridor(Frozen):
    """A way between the two economies, in the aggregate."""

    title: str
    minimum_days: NonNegative
    excess_days: NonNegative
    """Mean of the lognormal time above the minimum."""
    excess_cv: NonNegative
    freight_usd_per_tonne: NonNegative
    slots: NonNegative | None = None
    """Consignments under way at once in capacity dedicated to this pair; absent: no limit."""
    closed: bool = False
    closing: Closing | None = None
    interruptions: Interruptions | None = None


class Clock(Frozen):
    """A lognormal waiting time."""

    median_months: NonNegative
    sigma: NonNegative
    """Standard deviation of the logarithm of the time."""


class Moment(Frozen):
    """When something happens: on a stated day, or after a clock from the information date.

    A bare date is short for ``{day: date}``.
    """

    day: Day | None = None
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
        return given if isinstance(given, dict | Moment) else {"day": _day(given)}

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
    exporter: ISO3
    good: str
    document: Literal["declaration", "memorandum", "framework", "firm"]
    """A label: how binding it is stands in ``execution_share``."""
    signed: Moment | None = None
    rate: NonNegative | None = None
    """Contracts a year, when no moment is stated."""
    size_usd_million: Positive
    """Median face value."""
    size_sigma: NonNegative
    execution_share: Share
    """Probability that the contract is carried out at all."""
    fulfilment_share: Share
    """Mean share of the face value that is delivered when it is carried out."""
    fulfilment_spread: Share
    """0: always the mean; 1: as wide as a uniform law around a mean of one half."""
    delay_days: NonNegative
    spacing_days: NonNegative
    instalments: Annotated[int, Field(ge=1, le=64)]

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
    document: Literal["roadmap", "memorandum", "programme", "agreement", "trade_agreement"]
    """A label: what it does stands in its clocks and effects."""
    signed: Moment
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


class Sanction(Frozen):
    """A measure of a sender against one of the two economies."""

    title: str
    sender: str
    """A label, as is ``target``: what the measure does stands in its effects."""
    target: ISO3
    imposed: Moment
    lifted: Moment | None = None
    buildup_years: NonNegative
    """Time in which the effect builds up along a straight line."""
    fade_years: NonNegative
    """Time in which the effect fades along a straight line after lifting."""
    effects: Effects

    @model_validator(mode="after")
    def _lifted_after(self) -> Self:
        _in_order("lifted", self.lifted, "imposed", self.imposed)
        return self


class Measure(Frozen):
    """Anything else that changes numbers from some day on: a reform, a service, a supposition."""

    title: str
    at: Moment
    """When it begins to act."""
    ramp_years: NonNegative = Quantity(value=0.0)
    """Time in which its effect builds up along a straight line; 0: at once."""
    until: Moment | None = None
    """When it ends; absent: never."""
    fade_years: NonNegative = Quantity(value=0.0)
    """Time in which its effect fades along a straight line after its end; 0: at once."""
    effects: Effects

    @model_validator(mode="after")
    def _ends_after(self) -> Self:
        _in_order("until", self.until, "at", self.at)
        return self


def _in_order(last: str, end: Moment | None, first: str, start: Moment) -> None:
    """An end on a stated day comes after a start on a stated day."""
    if end is not None and end.day is not None and start.day is not None and end.day <= start.day:
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
    exchange_loading: Quantity
    price_loading: Quantity
    affinity_loading: Quantity


class Scenario(Frozen):
    """One question about two economies, and every number that answering it needs."""

    question: str
    name: Name
    title: str
    version: Literal[1]
    context_of_use: str
    information_date: Day
    prices: Literal["current_usd"]
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    replications: Annotated[int, Field(ge=1)] = DEFAULT_REPLICATIONS
    horizon: Horizon
    target: Target
    world_price_rate: Rate
    """Yearly growth of dollar prices."""
    not_covered: tuple[str, ...] = ()
    economies: dict[ISO3, Economy]
    statistics: dict[Key, StatisticsOffice]
    history: dict[Key, dict[Year, float]] = Field(default_factory=dict)
    """Observed turnover by statistics office and year, million dollars; shown, never simulated."""
    base: Base
    base_numbers: dict[str, Quantity] = Field(default_factory=dict)
    """By path, what numbers were when the base was observed, where a change has replaced them."""
    exports: dict[ISO3, Exports]
    adjustment: Adjustment
    relationships: Relationships
    settlement: Settlement
    corridors: dict[Key, Corridor]
    geopolitics: Geopolitics
    contracts: dict[Key, Contract] = Field(default_factory=dict)
    agreements: dict[Key, Agreement] = Field(default_factory=dict)
    sanctions: dict[Key, Sanction] = Field(default_factory=dict)
    measures: dict[Key, Measure] = Field(default_factory=dict)

    def partner(self, economy: str) -> str:
        """The other one of the two economies."""
        return next(name for name in self.economies if name != economy)

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

    Numbers of the past (``base_numbers``) are other values of the same paths and left out.
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
        if name == "base_numbers":
            continue
        yield from quantities(children[name], f"{path}.{name}" if path else str(name))
