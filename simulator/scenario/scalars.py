"""What one word of a scenario file means: the core rules of YAML 1.2, and help with near misses."""

import re
import unicodedata
from collections.abc import Callable

from simulator.errors import visible

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LARGEST = 2**63 - 1
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff"
    "\ufffe\uffff]"
)


LONGEST_NUMBER = 40
"""Characters of a text that may still be meant as a number."""


class ScalarError(ValueError):
    """A word that has no meaning in a scenario; carries the code of the problem."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def resolved(text: str) -> Scalar:
    """The value of an unquoted word: nothing, true or false, a finite number, or else text."""
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ScalarError("S116", f"must be a finite number, found {text}")
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _DECIMAL.fullmatch(text):
        return _decimal(text)
    return text


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > _LARGEST:
        raise ScalarError("S116", f"the number is too large (limit {_LARGEST})")
    return int(text)


def _decimal(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ScalarError("S116", f"must be a finite number, found {text[:40]}")
    return number + 0.0  # minus zero becomes zero


def forbidden(text: str) -> re.Match[str] | None:
    """The first character that could hide what a text says, or harm a terminal."""
    return _FORBIDDEN.search(text)


def forbidden_words(character: str) -> str:
    """What is wrong with a forbidden character."""
    if "\u202a" <= character <= "\u2069":
        return f"the direction control U+{ord(character):04X} is not allowed"
    return f"the character {visible(character)} is not allowed"


def odd_letter(name: str) -> str:
    """What stands in a name beside the letters of ASCII, or nothing."""
    odd = next((character for character in name if not character.isascii()), None)
    if odd is None:
        return ""
    return f"contains U+{ord(odd):04X} {unicodedata.name(odd, 'a character')}"


def number_meant(text: str, field: str = "") -> str:
    """How to write the number that ``text`` seems to mean; empty when it seems to mean none."""
    if len(text) > LONGEST_NUMBER:
        return ""
    ascii_text = in_ascii_digits(text.strip())
    for pattern, written in _NEAR_MISSES:
        found = re.fullmatch(pattern, ascii_text)
        advice = written(found, field) if found else ""
        if advice and _DECIMAL.fullmatch(advice.partition(" ")[0]):
            return advice
    return ""


def in_ascii_digits(text: str) -> str:
    """A text with the digits of any script as 0 to 9."""
    return "".join(str(int(c)) if c.isdecimal() else c for c in text)


def _grouped(found: re.Match[str], _field: str) -> str:
    sign, digits, decimals = found["sign"], re.sub(r"\D", "", found["digits"]), found["decimals"]
    return f"{sign}{digits.lstrip('0') or '0'}{'.' + decimals if decimals else ''}"


def _percent(found: re.Match[str], _field: str) -> str:
    return f"{float(found[1].replace(',', '.')) / 100:g}"


def _decimal_comma(found: re.Match[str], _field: str) -> str:
    return f"{found[1]}.{found[2]}"


def _with_unit(found: re.Match[str], field: str) -> str:
    """The number in the unit of the field, if the word behind it is that unit or a known one."""
    inner = number_meant(found["number"]) or found["number"]
    word = " ".join(found["word"].lower().split())
    end = next((end for end in _WORDS_OF_UNITS if re.search(rf"(^|_){end}$", field)), "")
    if not end:
        return inner if not field or word in ("usd", "dollars") else ""
    times = next((t for t, words in _WORDS_OF_UNITS[end].items() if word in words), None)
    if times is None or not _DECIMAL.fullmatch(inner):
        return ""
    number = inner if times == 1 else f"{float(inner) * times:.4g}"
    return f"{number} (the unit is {end.replace('_', ' ')})"


_HOURS, _DAYS = ("h", "hour", "hours"), ("d", "day", "days")
_WEEKS, _MONTHS = ("week", "weeks"), ("month", "months")
_YEARS = ("a", "y", "year", "years")
_MILLIONS = ("m", "mn", "million", "millions", "million usd", "million dollars")
_WORDS_OF_UNITS: dict[str, dict[float, tuple[str, ...]]] = {
    "days": {1: _DAYS, 1 / 24: _HOURS, 7: _WEEKS, 30.4375: _MONTHS, 365.25: _YEARS},
    "months": {1: _MONTHS, 1 / 30.4375: _DAYS, 7 / 30.4375: _WEEKS, 12: _YEARS},
    "years": {1: _YEARS, 1 / 365.25: _DAYS, 7 / 365.25: _WEEKS, 1 / 12: _MONTHS},
    "usd_million": {1: _MILLIONS, 1000: ("bn", "billion", "billions", "billion usd")},
    "usd_per_tonne": {1: ("usd", "dollars", "usd per tonne", "dollars a tonne")},
    "usd": {1: ("usd", "dollars"), 1000: ("thousand",), 1e6: _MILLIONS},
}
"""How people write units, by the end of a field's name and the factor to the unit of that."""


def _money(found: re.Match[str], _field: str) -> str:
    return number_meant(found["number"]) or found["number"]


def _clock_time(found: re.Match[str], _field: str) -> str:
    hours = int(found[1]) + int(found[2]) / 60 + int(found[3] or 0) / 3600
    return f"{hours / 24:.4g} (as days)"


_NUMBER = r"[-+]?(?:[0-9][0-9,._]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_NEAR_MISSES: tuple[tuple[str, Callable[[re.Match[str], str], str]], ...] = (
    (
        r"(?P<sign>-?)\+?(?P<digits>[0-9]{1,3}(?:[, _'][0-9]{3})+)(?:\.(?P<decimals>[0-9]+))?",
        _grouped,
    ),
    (
        r"(?P<sign>-?)\+?(?P<digits>[0-9]{1,3}(?:\.[0-9]{3}){2,})(?:,(?P<decimals>[0-9]+))?",
        _grouped,
    ),
    (r"(?P<sign>-?)\+?(?P<digits>[0-9]+(?:_[0-9]+)*)(?:\.(?P<decimals>[0-9]+))?", _grouped),
    (r"([-+]?[0-9]+(?:[.,][0-9]+)?) ?(?:%|percent)", _percent),
    (r"([-+]?[0-9]+),([0-9]+)", _decimal_comma),
    (rf"(?P<number>{_NUMBER}) ?(?P<word>[A-Za-z][A-Za-z ]*)", _with_unit),
    (rf"(?:[$€£]|USD|EUR) ?(?P<number>{_NUMBER})", _money),
    (rf"(?P<number>{_NUMBER}) ?[$€£]", _money),
    (r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", _clock_time),
    (rf"({_NUMBER})", lambda found, _field: found[1]),
)
