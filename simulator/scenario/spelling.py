"""Spelling: codes, dates and names that a file may write in several ways, a scenario in one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from simulator.calendars import as_iranian, iranian_day
from simulator.errors import Problem
from simulator.scenario.paths import child_kind, is_marked, key_kind, plain_kind
from simulator.scenario.scalars import in_ascii_digits
from simulator.scenario.standards import economy_code, nearest_economy
from simulator.scenario.trees import Mark, Path, Tree
from simulator.scenario.types import CODE_PATTERN, Agreement, Moment, Scenario

OLD_NAMES: dict[Any, dict[str, Path]] = {
    Agreement: {"signing": ("signed",), "signing_share": ("signed", "ever_share")},
}
"""Fields by the names they had, which are read for two minor versions; now: where they stand."""


def spelled(tree: Tree, *, dotted: bool = False) -> tuple[Tree, list[Problem], list[Problem]]:
    """The tree of a file as every other file would have written it.

    Economies stand by the three letters of ISO 3166, dates in the Gregorian calendar (when the file
    says ``calendar: jalali``) and fields by the names of today.

    Args:
        tree: a file, or what it changes.
        dotted: its keys are dotted paths.

    Returns:
        The tree, what is wrong in its words, and what it means where it was written otherwise.

    """
    is_file = isinstance(tree.plain, dict) and not dotted
    calendar = tree.plain.get("calendar", "gregorian") if is_file else "gregorian"
    speller = _Speller(tree, is_iranian=calendar == "jalali")
    if calendar not in ("gregorian", "jalali"):
        words = dict.fromkeys(("iranian", "persian", "solar hijri", "shamsi", "hijri"), "jalali")
        speller.problems.append(
            tree.problem(
                ("calendar",),
                "S125",
                "expected gregorian or jalali",
                note=f"found '{str(calendar)[:40]}'",
                suggestion=words.get(str(calendar).lower(), ""),
            )
        )
    plain = speller.changes(tree.plain, (), ()) if dotted else speller.file()
    return Tree(plain, speller.values, speller.keys), speller.problems, speller.notes


@dataclass
class _Speller:
    """Writes a tree anew, name by name and word by word, with its marks."""

    tree: Tree
    is_iranian: bool
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, code: str, message: str) -> None:
        self.problems.append(self.tree.problem(path, code, message))

    def file(self) -> Any:
        """The root: fields of a scenario, and beside them what changes another one."""
        plain = self.tree.plain
        if not isinstance(plain, dict):
            return self.value(plain, Scenario, (), ())
        self._mark((), ())
        written = {}
        for name, inner in plain.items():
            if name == "changes" and isinstance(inner, dict):
                written[name] = self.changes(inner, (name,), (name,))
            elif name == "overrides" and isinstance(inner, dict):
                written[name] = self._overrides(inner, (name,))
            else:
                written[name] = self.value(inner, child_kind(Scenario, name), (name,), (name,))
        return written

    def _overrides(self, plain: Mapping[str, Any], path: Path) -> dict[str, Any]:
        self._mark(path, path)
        return {
            name: self.changes(inner, (*path, name), (*path, name))
            if isinstance(inner, dict)
            else self.value(inner, None, (*path, name), (*path, name))
            for name, inner in plain.items()
        }

    def changes(self, plain: Any, old: Path, new: Path) -> dict[str, Any]:
        """Values by dotted path; every path as it is spelled today."""
        self._mark(old, new)
        written = {}
        for pattern, inner in plain.items():
            kind, names = self._pattern(pattern, (*old, pattern))
            there = (*new, ".".join(names))
            if there[-1] in written:
                self._twice(pattern, there[-1], (*old, pattern))
            written[there[-1]] = self.value(inner, kind, (*old, pattern), there)
        return written

    def _twice(self, name: str, known: str, place: Path) -> None:
        """The same key under two spellings; nothing says which one is meant."""
        message = (
            f"{name} stands here under two spellings; state it once"
            if name == known
            else f"{name} and {known} are the same; state it once"
        )
        self.problems.append(self.tree.problem(place, "S109", message, key=True))

    def _pattern(self, pattern: str, place: Path) -> tuple[Any, Path]:
        """The type of what stands at a dotted path, and the names in it."""
        kind: Any = Scenario
        names: Path = ()
        for name in pattern.split("."):
            spelled_as = self._name(name, kind, place, is_pattern=True)
            names = (*names, *spelled_as)
            for step in spelled_as:
                kind = child_kind(kind, step)
        return kind, names

    def value(self, plain: Any, kind: Any, old: Path, new: Path) -> Any:
        """A value of a type, at its old place in the text and its new one in the tree."""
        self._mark(old, new)
        if self._is_bare_day(plain, kind):
            # A bare day is short for {day: ...}.
            self._mark(old, (*new, "day"))
            return {"day": self._word(plain, kind, old)}
        if isinstance(plain, tuple):
            return tuple(
                self.value(inner, child_kind(kind, str(n)), (*old, str(n)), (*new, str(n)))
                for n, inner in enumerate(plain)
            )
        if not isinstance(plain, dict):
            return self._word(plain, kind, old) if isinstance(plain, str) else plain
        written: dict[str, Any] = {}
        for name, inner in plain.items():
            names = self._name(name, kind, (*old, name), is_pattern=False)
            below = kind
            for step in names:
                below = child_kind(below, step)
            value = self.value(inner, below, (*old, name), (*new, *names))
            if not _put(written, names, value, may_join=plain_kind(kind) in OLD_NAMES):
                self._twice(name, names[0], (*old, name))
        return written

    @staticmethod
    def _is_bare_day(plain: Any, kind: Any) -> bool:
        is_date = isinstance(plain, str) and re.match(r"[0-9]", in_ascii_digits(plain))
        return bool(is_date) and plain_kind(kind) is Moment

    def _mark(self, old: Path, new: Path) -> None:
        if old in self.tree.values:
            self.values[new] = self.tree.values[old]
        if old in self.tree.keys:
            self.keys[new] = self.tree.keys[old]

    def _name(self, name: str, kind: Any, place: Path, *, is_pattern: bool) -> Path:
        """The name of a field or of an entry as it is spelled today: one step, or two."""
        if is_marked(key_kind(kind), "ISO 3166"):
            code = self._economy(name, place, key=True)
            is_defined = place[-2:-1] == ("economies",)
            if not is_pattern and "." not in name and (is_defined or not _is_code(name)):
                self._no_economy(name, place, key=True)
            return (code,)
        found = OLD_NAMES.get(plain_kind(kind), {}).get(name)
        if found is None:
            return (name,)
        message = f"{name} is now called {'.'.join(found)}; the old name is read until version 0.4"
        self.notes.append(self.tree.problem(place, "S208", message, key=True))
        return found

    def _word(self, text: str, kind: Any, place: Path) -> str:
        """One word: an economy, a path, a date or anything else."""
        if is_marked(kind, "ISO 3166"):
            if not _is_code(text):
                self._no_economy(text, place)
            return self._economy(text, place)
        if is_marked(kind, "path"):
            return ".".join(self._pattern(text, place)[1])
        if self.is_iranian and plain_kind(kind) in (date, Moment):
            return self._iranian(text, place)
        if self.is_iranian and is_marked(kind, "day of every year"):
            message = "a day of every year is Gregorian; state it in a file without calendar:"
            self.problem(place, "S131", message)
        return text

    def _economy(self, word: str, place: Path, *, key: bool = False) -> str:
        """The code of an economy, with a note where it stands by another one or by its name."""
        code = economy_code(word) if "*" not in word else ""
        if code and code != word:
            message = f"{word} is {code} in ISO 3166 and in results"
            self.notes.append(self.tree.problem(place, "S206", message, key=key))
        return code or word

    def _no_economy(self, word: str, place: Path, *, key: bool = False) -> None:
        """Tell of a word that is no economy; what looks like a code is judged where it is used."""
        if economy_code(word):
            return
        message = f"'{word[:40]}' is not an economy of ISO 3166"
        near = nearest_economy(word)
        self.problems.append(self.tree.problem(place, "S134", message, key=key, suggestion=near))

    def _iranian(self, text: str, place: Path) -> str:
        day, ascii_text = iranian_day(text), in_ascii_digits(text)
        if day is not None:
            return day.isoformat()
        if ascii_text != text and iranian_day(ascii_text):
            message = f"expected a date in the digits 0 to 9, found {text}"
            self.problems.append(self.tree.problem(place, "S131", message, example=ascii_text))
        elif re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            message = f"{text} is not a day of the Iranian calendar, which calendar: announces"
            example = as_iranian(text)
            self.problems.append(self.tree.problem(place, "S131", message, example=example))
        return text


def _is_code(word: str) -> bool:
    return re.fullmatch(CODE_PATTERN, word) is not None


def _put(written: dict[str, Any], names: Path, value: Any, *, may_join: bool) -> bool:
    """Put a value where it stands now, beside what is there; False where that is there already.

    What two old fields said may join in one new one.
    """
    there: Any = written.get(names[0])
    if len(names) > 1:
        inside = there if isinstance(there, dict) else {}
        is_new = names[1] not in inside
        written[names[0]] = {**inside, names[1]: value}
        return is_new and (there is None or isinstance(there, dict))
    if names[0] not in written:
        written[names[0]] = value
        return True
    joined = may_join and isinstance(there, dict) and isinstance(value, dict)
    if joined and not set(there) & set(value):
        written[names[0]] = {**there, **value}
        return set(there) == {"ever_share"}
    written[names[0]] = value
    return False
