"""Numbers of a scenario: a value or a distribution, with its source."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, TypeVar, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

Law = TypeVar("Law", bound=BaseModel)


class Frozen(BaseModel):
    """A value: strict types, no unknown fields, finite numbers, never changed after creation."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class Uniform(Frozen):
    """Every number between ``low`` and ``high`` is equally likely."""

    low: float
    """Smallest number."""
    high: float
    """Largest number."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        return _in_order(self, ("low", self.low), ("high", self.high))


class Triangular(Frozen):
    """Most likely ``mode``, never outside ``low`` to ``high``."""

    low: float
    """Smallest number."""
    mode: float
    """Most likely number."""
    high: float
    """Largest number."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        return _in_order(self, ("low", self.low), ("mode", self.mode), ("high", self.high))


class Normal(Frozen):
    """A normal law of ``mean`` and ``sd``, truncated to ``low`` to ``high``."""

    mean: float
    """Mean before truncation."""
    sd: float
    """Standard deviation before truncation."""
    low: float
    """Smallest number."""
    high: float
    """Largest number."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _not_negative("sd", self.sd)
        return _in_order(self, ("low", self.low), ("mean", self.mean), ("high", self.high))


LARGEST_SIGMA = 10.0
"""Of a lognormal law, whose mean is then more than 10^21 times its median."""


class Lognormal(Frozen):
    """A lognormal law by its ``median`` and ``sigma``, the standard deviation of the logarithm."""

    median: float
    """Median."""
    sigma: float
    """Standard deviation of the logarithm."""

    @model_validator(mode="after")
    def _positive(self) -> Self:
        _not_negative("sigma", self.sigma)
        if self.median <= 0:
            raise PydanticCustomError(
                "S123", "the median of a lognormal law must be above 0", {"found": self.median}
            )
        if self.sigma > LARGEST_SIGMA:
            raise PydanticCustomError(
                "S123",
                "sigma is too large ({sigma}): the law has no mean that can be stated",
                {"sigma": self.sigma},
            )
        return self


class Beta(Frozen):
    """A beta law of shapes ``a`` and ``b``, stretched to ``low`` to ``high``."""

    a: float
    """First shape; larger means higher numbers."""
    b: float
    """Second shape; larger means lower numbers."""
    low: float = 0.0
    """Smallest number."""
    high: float = 1.0
    """Largest number."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.a <= 0 or self.b <= 0:
            raise PydanticCustomError("S123", "the shapes of a beta law must be above 0", {})
        return _in_order(self, ("low", self.low), ("high", self.high))


class Discrete(Frozen):
    """One of ``values``, with probability proportional to its weight."""

    values: tuple[float, ...]
    """The numbers that can occur."""
    weights: tuple[float, ...]
    """Their weights, one for each."""

    @model_validator(mode="after")
    def _matched(self) -> Self:
        if not self.values or len(self.values) != len(self.weights):
            raise PydanticCustomError(
                "S123",
                "a discrete law needs one weight for each value",
                {"found": f"{len(self.values)} values, {len(self.weights)} weights"},
            )
        if min(self.weights) < 0 or not 0 < sum(self.weights) < float("inf"):
            raise PydanticCustomError(
                "S123", "weights must be 0 or more, with a sum above 0 that can be stated", {}
            )
        return self


Distribution = Uniform | Triangular | Normal | Lognormal | Beta | Discrete
LAWS = ("uniform", "triangular", "normal", "lognormal", "beta", "discrete")


class Quantity(Frozen):
    """One number of the model: a fixed ``value`` or one law, and where it comes from.

    ``kind`` says who decides it: a ``lever`` is ours to choose, an ``uncertainty`` is drawn once in
    each replication, a ``constant`` is fixed. Without a ``source`` the number counts as assumed.
    """

    value: float | None = None
    """The fixed value."""
    uniform: Uniform | None = None
    """A uniform law."""
    triangular: Triangular | None = None
    """A triangular law."""
    normal: Normal | None = None
    """A truncated normal law."""
    lognormal: Lognormal | None = None
    """A lognormal law."""
    beta: Beta | None = None
    """A beta law."""
    discrete: Discrete | None = None
    """A discrete law."""
    kind: Literal["lever", "uncertainty", "constant"] | None = None
    """Who decides the number: ours to choose, unknown, or fixed."""
    source: str | None = None
    """Where the number was read, or that it is assumed and why."""
    cost: float | None = None
    """What a change by one unit costs, in a unit that all levers share; for the cheapest mix."""

    @model_validator(mode="before")
    @classmethod
    def _bare_number(cls, given: Any) -> Any:
        """A bare number is short for ``{value: number}``."""
        if isinstance(given, int | float) and not isinstance(given, bool):
            return {"value": given}
        if not isinstance(given, dict | Quantity):
            raise PydanticCustomError(
                "S111", "expected a number, found {found}", {"found": described(given)}
            )
        return given

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [name for name in ("value", *LAWS) if getattr(self, name) is not None]
        if len(forms) != 1:
            raise PydanticCustomError(
                "S122",
                "a number needs a value or exactly one law ({laws}), found {found}",
                {"laws": ", ".join(LAWS), "found": " and ".join(forms) or "none"},
            )
        if self.cost is not None and (self.cost <= 0 or self.kind != "lever"):
            raise PydanticCustomError(
                "S122",
                "a cost is above 0 and stands on a lever (kind: lever)",
                {"found": self.cost},
            )
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A bare number, or fields of which exactly one is a value or a law."""
        fields = handler.resolve_ref_schema(handler(schema))
        forms = [{"required": [name]} for name in ("value", *LAWS)]
        described = {"title": "Number", "description": fields.pop("description", "")}
        return {**described, "anyOf": [{"type": "number"}, {**fields, "oneOf": forms}]}

    @property
    def law(self) -> Distribution | None:
        """The distribution, or None when the number is fixed."""
        if self.value is not None:
            return None
        return next((law for name in LAWS if (law := getattr(self, name)) is not None), None)

    @property
    def is_assumed(self) -> bool:
        """No source stands behind the number."""
        source = (self.source or "").strip().lower()
        return not source or source.startswith("assumed")

    @property
    def support(self) -> tuple[float, float]:
        """The smallest and the largest number that can occur."""
        if self.value is not None:
            return self.value, self.value
        law = self.law
        assert law is not None
        if isinstance(law, Discrete):
            return min(law.values), max(law.values)
        if isinstance(law, Lognormal):
            return 0.0, float("inf")
        return law.low, law.high

    @property
    def central(self) -> float:  # noqa: PLR0911 -- one line a law
        """The fixed value, or the middle of the law: its median, mode or mean, as it is stated."""
        match self.law:
            case None:
                assert self.value is not None
                return self.value
            case Uniform(low=low, high=high):
                return (low + high) / 2
            case Triangular(mode=mode):
                return mode
            case Normal(mean=mean):
                return mean
            case Lognormal(median=median):
                return median
            case Beta(a=a, b=b, low=low, high=high):
                return low + (high - low) * a / (a + b)
            case Discrete(values=values, weights=weights):
                return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)


class Within:
    """The range that a number may take, checked when read and kept under effects that change it."""

    def __init__(self, low: float, high: float = float("inf"), *, whole: bool = False) -> None:
        self.low = low
        self.high = high
        self.whole = whole

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Validate as the number itself, then the range."""
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The range of a bare number; it says nothing about a law."""
        bounds = {"minimum": self.low, "maximum": self.high}
        finite = {name: bound for name, bound in bounds.items() if bound != float("inf")}
        return {**handler(schema), **finite}

    def __call__(self, quantity: Quantity) -> Quantity:
        """The quantity itself, when all it can be lies within.

        Raises:
            PydanticCustomError: it can be outside.

        """
        low, high = quantity.support
        if self.whole and quantity.value is not None and quantity.value % 1:
            raise PydanticCustomError(
                "S111", "expected a whole number, found the number {n}", {"n": quantity.value}
            )
        # A lognormal law is positive, and unbounded above: only its middle can be meant.
        if quantity.lognormal is not None:
            low = high = quantity.lognormal.median
        if low < self.low or high > self.high:
            raise PydanticCustomError(
                "S121",
                "must be {range}, found {found}",
                {
                    "range": self._described(),
                    "found": f"{low:g}" if low == high else f"{low:g} to {high:g}",
                    "suggestion": self._suggested(quantity),
                },
            )
        return quantity

    def _described(self) -> str:
        if self.high == float("inf"):
            return f"{self.low:g} or more" if self.low != SMALLEST else "above 0"
        return f"between {self.low:g} and {self.high:g}"

    def _suggested(self, quantity: Quantity) -> str:
        """A percentage written as a share is the usual slip."""
        if self.high == 1 and quantity.value is not None and 1 < quantity.value <= 100:
            return f"{quantity.value / 100:g} ({quantity.value:g} percent)"
        return ""


def within_of(metadata: Iterable[Any], annotation: Any) -> Within | None:
    """The range in a field's metadata, or in that of a member of ``Share | None``."""
    for item in metadata:
        if isinstance(item, Within):
            return item
    for member in get_args(annotation):
        if get_origin(member) is Annotated:
            return within_of(get_args(member)[1:], None)
    return None


Share = Annotated[Quantity, Within(0, 1)]
SMALLEST = 1e-12
"""The smallest number that is above 0."""

Positive = Annotated[Quantity, Within(SMALLEST)]
Slots = Annotated[Quantity, Within(0, whole=True)]
NonNegative = Annotated[Quantity, Within(0)]
Rate = Annotated[Quantity, Within(-0.99, 10)]


def described(found: Any) -> str:
    """What was found where something else was expected, in words."""
    if isinstance(found, bool):
        return f"{str(found).lower()} (true or false)"
    if isinstance(found, str):
        return f'text "{found[:40]}"'
    if isinstance(found, int | float):
        return f"the number {found}"
    words = {type(None): "nothing", list: "a list", tuple: "a list", dict: "fields"}
    return words.get(type(found), str(found)[:40])


def _in_order(law: Law, *named: tuple[str, float]) -> Law:
    for (left, small), (right, large) in pairwise(named):
        if small > large:
            raise PydanticCustomError(
                "S123",
                "{left} must not be above {right}",
                {"left": f"{left} ({small:g})", "right": f"{right} ({large:g})"},
            )
    return law


def _not_negative(name: str, value: float) -> None:
    if value < 0:
        raise PydanticCustomError(
            "S123", "{name} must be 0 or more, found {found}", {"name": name, "found": value}
        )
