"""What can go wrong, told to the person who can put it right.

Every error knows its exit code. A problem of a scenario knows its place, so that a terminal, an
editor and a program can each show it in their own form.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CODES: dict[str, str] = {
    "S101": "no such file",
    "S102": "not a regular file that can be read",
    "S103": "the scenario is empty",
    "S104": "unknown field",
    "S105": "a required field is missing",
    "S106": "the text is not YAML",
    "S107": "tabs are not allowed",
    "S108": "more than one document in a file",
    "S109": "the same key twice",
    "S110": "tags, anchors, aliases and merge keys are not supported",
    "S111": "a value of the wrong type",
    "S112": "nested too deeply",
    "S113": "the file is not UTF-8 text",
    "S114": "a character that is not allowed",
    "S115": "a key is not a word",
    "S116": "a number is not finite or too large",
    "S117": "the file does not hold fields",
    "S121": "a number is out of range",
    "S122": "a number needs a value or exactly one law",
    "S123": "the parameters of a law do not fit together",
    "S124": "exactly one of two fields is needed",
    "S125": "not one of the words allowed",
    "S126": "a name is badly formed",
    "S127": "shares do not sum to 1",
    "S128": "no corridor carries a good",
    "S129": "more than the trade of the world",
    "S131": "not a date",
    "S132": "an Iranian date in a file that does not announce them",
    "S133": "not a product code",
    "S134": "not an economy of ISO 3166",
    "S135": "not a currency of ISO 4217",
    "S136": "an edition of the Harmonized System that is not in force",
    "S137": "a file of another version",
    "S138": "a way that the base was observed with is taken out",
    "S141": "times are in the wrong order",
    "S142": "information from after the information date",
    "S151": "no such path in the scenario",
    "S152": "a setting is not written as path=value",
    "S153": "a reference to something that is not defined",
    "S154": "there must be exactly two economies",
    "S155": "an effect on a number that is fixed during a run",
    "S156": "a path is changed twice",
    "S157": "an override is defined twice",
    "S158": "no such override",
    "S159": "an empty block changes nothing",
    "S161": "a file that may not be read from there",
    "S162": "scenarios extend each other in a circle or too deeply",
    "S163": "a field that cannot stand beside extends",
    "S172": "the columns of a data file are not those expected",
    "S173": "a row of a data file is wrong",
    "S181": "the input is too large",
    "S182": "the horizon is too long",
    "S183": "too many replications",
    "S184": "too many orders",
    "S191": "a cluster that others can reach",
    "S192": "no pair is comparable",
    "S193": "runs that cannot be compared",
    "S194": "no square of trade from which to compute an equilibrium",
    "S195": "an input that a series cannot be asked about",
    "S196": "nothing is uncertain",
    "S201": "only part of the target year is simulated",
    "S202": "something is defined but never used",
    "S203": "a day outside the horizon",
    "S204": "a law that leaves no choice",
    "S205": "a law whose average does not settle",
    "S206": "an economy is written by another code or by its name",
    "S207": "bounds cut off much of a law",
    "S208": "a field is written by its old name",
    "S209": "a queue grows without end",
    "S210": "a number is far from what is usual",
    "S211": "the base is out of proportion",
    "S212": "a flow without goods",
    "S213": "a source from after the information date",
    "S214": "a number is far from the one that it replaces",
}
"""Every code with its short meaning; S2xx are warnings."""

LESS_MEMORY = "fewer --workers, or larger relationships and so fewer orders, need less"
"""What to do where memory runs out."""

MOST_SHOWN = 20
"""Problems shown in full; more would scroll the first one away."""

WIDEST = 160
"""Characters shown of one line of a file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a scenario: what, where, and what to write instead.

    ``line`` and ``column`` count from 1; ``width`` is the length of the caret span. ``excerpt``
    holds the lines to show as (number, text), and ``included_by`` the places (``file:line``) that
    led to ``file``, the nearest first.
    """

    code: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    field: str = ""
    note: str = ""
    suggestion: str = ""
    example: str = ""
    width: int = 1
    excerpt: tuple[tuple[int, str], ...] = ()
    included_by: tuple[str, ...] = ()


class SimulatorError(Exception):
    """The root of all errors that are not bugs."""

    exit_code = 1
    problems: tuple[Problem, ...] = ()
    """What is wrong, where it has places or codes of its own."""


class ScenarioError(SimulatorError):
    """A scenario says something that cannot be; holds all its problems in file order."""

    exit_code = 3

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(plain(problem) for problem in self.problems))


class RefusedError(SimulatorError):
    """Something is above a safety limit, which ``option`` of the command line raises."""

    exit_code = 4

    def __init__(self, problem: Problem, option: str) -> None:
        self.problem = problem
        self.problems = (problem,)
        self.option = option
        super().__init__(f"{plain(problem)}; raise the limit with {option}")


class EnvironmentFaultError(SimulatorError):
    """The machine does not allow it: disk full, no permission, locked, cluster unreachable."""

    exit_code = 6


class FailedError(SimulatorError):
    """Some replications failed, and what was asked needs all of them."""

    exit_code = 5


class StoppedError(SimulatorError):
    """Somebody has stopped the work; the ``made`` replications are kept."""

    exit_code = 130

    def __init__(self, made: int) -> None:
        self.made = made
        super().__init__(f"stopped after {made} replications, which are kept")


class InvariantError(SimulatorError):
    """A law of the books is broken, so the result cannot be trusted."""

    exit_code = 7

    def __init__(self, message: str, events: Sequence[str] = ()) -> None:
        self.message = message
        self.events = tuple(events)
        super().__init__("\n".join((message, *self.events)))


def visible(text: str) -> str:
    r"""Text of a user for a terminal: control and direction characters as ``\x1b``, ``\u202e``."""
    return re.sub(
        "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]",
        lambda found: _escaped(found[0]),
        text,
    )


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def plain(problem: Problem, level: str = "error") -> str:
    """One line, as editors and annotations read it."""
    place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part)
    words = f"{level} {problem.code}: {problem.message}"
    if problem.note:
        words += f", {problem.note}"
    if problem.suggestion:
        words += f"; did you mean '{problem.suggestion}'?"
    elif problem.example:
        words += f"; write: {problem.example}"
    return visible(f"{place}: {words}" if place else words)


def plain_lines(problems: Iterable[Problem], level: str = "error") -> str:
    """One line a problem."""
    return "".join(f"{plain(problem, level)}\n" for problem in problems)


def render(error: ScenarioError | RefusedError) -> str:
    """The whole error as it stands on a terminal, the summary line last."""
    if isinstance(error, RefusedError):
        ending = f"Refused, nothing was run.   Raise the limit: {error.option}"
        return f"{described(error.problem)}\n\n{ending}"
    problems = error.problems
    blocks = [described(problem) for problem in problems[:MOST_SHOWN]]
    if len(problems) > MOST_SHOWN:
        blocks.append(f"and {len(problems) - MOST_SHOWN} more")
    count = f"{len(problems)} error{'s' if len(problems) != 1 else ''}"
    ending = f"{count}, nothing was run.   Explain: sim explain {problems[0].code}"
    return "\n\n".join([*blocks, ending])


def described(problem: Problem, level: str = "error") -> str:
    """One problem as a block: heading, place, lines with a caret, field, advice."""
    lines = [f"{level}[{problem.code}]: {visible(problem.message)}"]
    margin = max((len(str(number)) for number, _ in problem.excerpt), default=1)
    if problem.file is not None:
        lines.append(f"{' ' * margin}--> {_place(problem)}")
    lines += _excerpt(problem, margin)
    if problem.note and not problem.excerpt:
        lines.append(f"{' ' * margin} = {visible(problem.note)}")
    for label, text in (
        ("field", problem.field),
        ("did you mean", problem.suggestion),
        ("write", problem.example),
    ):
        if text:
            lines.append(f"{' ' * margin} = {label}: {visible(text)}")
    return "\n".join(lines)


def _place(problem: Problem) -> str:
    place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part)
    chain = ", ".join(problem.included_by)
    return visible(f"{place}   (included by {chain})" if chain else place)


def _excerpt(problem: Problem, margin: int) -> list[str]:
    if not problem.excerpt:
        return []
    lines = [f"{' ' * margin} |"]
    for number, text in problem.excerpt:
        start = problem.column - 1 if number == problem.line and problem.column else 0
        shown = _window(text, start)
        lines.append(f"{number:>{margin}} | {visible(shown)}".rstrip())
        if number == problem.line and problem.column is not None:
            lines.append(f"{' ' * margin} | {_caret(problem, shown, start % WIDEST)}".rstrip())
    return lines


def _window(text: str, start: int) -> str:
    """The part of a line around ``start``; a line may be as long as a file."""
    first = start - start % WIDEST
    return text[first : first + WIDEST]


def _caret(problem: Problem, text: str, start: int) -> str:
    """Carets below the span, counted in the characters shown."""
    before = len(visible(text[:start]))
    span = max(1, len(visible(text[start : start + problem.width])))
    return f"{' ' * before}{'^' * span} {visible(problem.note)}"
