"""Numbers of a scenario: a value or a distribution, with its source."""

from itertools import pairwise
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

Law = TypeVar("Law", bound=BaseModel)


class Frozen(BaseModel):
    """A value: strict types, no unknown fields, finite numbers, never changed after creation."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class Uniform(Frozen):
    """Every number between ``low`` and ``high`` is equally likely."""

    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        return _in_order(self, ("low", self.low), ("high", self.high))


class Triangular(Frozen):
    """Most likely ``mode``, never outside ``low`` to ``high``."""

    low: float
    mode: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        return _in_order(self, ("low", self.low), ("mode", self.mode), ("high", self.high))


class Normal(Frozen):
    """A normal law of ``mean`` and ``sd``, truncated to ``low`` to ``high``."""

    mean: float
    sd: float
    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _not_negative("sd", self.sd)
        return _in_order(self, ("low", self.low), ("mean", self.mean), ("high", self.high))


class Lognormal(Frozen):
    """A lognormal law by its ``median`` and ``sigma``, the standard deviation of the logarithm."""

    median: float
    sigma: float

    @model_validator(mode="after")
    def _positive(self) -> Self:
        _not_negative("sigma", self.sigma)
        if self.median <= 0:
            raise PydanticCustomError(
                "S123", "the median of a lognormal law must be above 0", {"found": self.median}
            )
        return self


class Beta(Frozen):
    """A beta law of shapes ``a`` and ``b``, stretched to ``low`` to ``high``."""

    a: float
    b: float
    low: float = 0.0
    high: float = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.a <= 0 or self.b <= 0:
            raise PydanticCustomError("S123", "the shapes of a beta law must be above 0", {})
        return _in_order(self, ("low", self.low), ("high", self.high))


class Discrete(Frozen):
    """One of ``values``, with probability proportional to its weight."""

    values: tuple[float, ...]
    weights: tuple[float, ...]

    @model_validator(mode="after")
    def _matched(self) -> Self:
        if not self.values or len(self.values) != len(self.weights):
            raise PydanticCustomError(
                "S123",
                "a discrete law needs one weight for each value",
                {"found": f"{len(self.values)} values, {len(self.weights)} weights"},
            )
        if min(self.weights) < 0 or sum(self.weights) <= 0:
            raise PydanticCustomError("S123", "weights must be 0 or more, and not all 0", {})
        return self


Distribution = Uniform | Triangular | Normal | Lognormal | Beta | Discrete
LAWS = ("uniform", "triangular", "normal", "lognormal", "beta", "discrete")


class Quantity(Frozen):
    """One number of the model: a fixed ``value`` or one law, and where it comes from.

    ``kind`` says who decides it: a ``lever`` is ours to choose, an ``uncertainty`` is drawn once in
    each replication, a ``constant`` is fixed. Without a ``source`` the number counts as assumed.
    """

    value: float | None = None
    uniform: Uniform | None = None
    triangular: Triangular | None = None
    normal: Normal | None = None
    lognormal: Lognormal | None = None
    beta: Beta | None = None
    discrete: Discrete | None = None
    kind: Literal["lever", "uncertainty", "constant"] | None = None
    source: str | None = None

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
        return self

    @property
    def law(self) -> Distribution | None:
        """The distribution, or None when the number is fixed."""
        return next((law for name in LAWS if (law := getattr(self, name)) is not None), None)

    @property
    def is_assumed(self) -> bool:
        """No source stands behind the number."""
        return self.source is None or self.source.lower().startswith("assumed")

    @property
    def support(self) -> tuple[float, float]:
        """The smallest and the largest number that can occur."""
        law = self.law
        if law is None:
            assert self.value is not None
            return self.value, self.value
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

    def __init__(self, low: float, high: float = float("inf")) -> None:
        self.low = low
        self.high = high

    def __call__(self, quantity: Quantity) -> Quantity:
        """The quantity itself, when all it can be lies within.

        Raises:
            PydanticCustomError: it can be outside.

        """
        low, high = quantity.support
        # A lognormal law is positive, and unbounded above: no bound of ours can be meant there.
        if quantity.lognormal is not None:
            low, high = max(low, self.low), min(high, self.high)
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
            return f"{self.low:g} or more"
        return f"between {self.low:g} and {self.high:g}"

    def _suggested(self, quantity: Quantity) -> str:
        """A percentage written as a share is the usual slip."""
        if self.high == 1 and quantity.value is not None and 1 < quantity.value <= 100:
            return f"{quantity.value / 100:g} ({quantity.value:g} percent)"
        return ""


Share = Annotated[Quantity, AfterValidator(Within(0, 1))]
Positive = Annotated[Quantity, AfterValidator(Within(1e-12))]
NonNegative = Annotated[Quantity, AfterValidator(Within(0))]
Rate = Annotated[Quantity, AfterValidator(Within(-0.99, 10))]


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
