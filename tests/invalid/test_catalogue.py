"""Cases of the catalogue that are no small files, and that none of its rows is forgotten."""

import ast
import os
import re
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli.app import app
from simulator.errors import RefusedError, ScenarioError, plain, render
from simulator.scenario.checking import Limits
from simulator.scenario.reading import load, read
from simulator.scenario.types import quantities

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
MINIMAL = FOLDER.parent / "scenarios" / "minimal.yaml"
TEXT = MINIMAL.read_text(encoding="utf-8")
HEADER = "statistics,year,turnover_usd_million,source\n"
BRACKETS = f"title: {'[' * 100_000}"
BRACES = f"title: {'{a: ' * 100_000}"
DASHES = f"title:\n  {'- ' * 50_000}"
ROWS = [
    *(f"A{number:02}" for number in range(1, 27)),
    *(f"B{number:02}" for number in range(1, 33)),
    *(f"C{number:02}" for number in range(1, 17)),
]


def written(folder, text, name="given.yaml"):
    """A file with ``text``, as bytes or as UTF-8."""
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def child(folder, body="", parent="minimal.yaml", name="child.yaml"):
    """A file that extends a copy of the minimal scenario."""
    if not (folder / "minimal.yaml").exists():
        written(folder, TEXT, "minimal.yaml")
    return written(folder, f"question: What if?\nextends: {parent}\n{body}", name)


def problems_of(file, changes=None, **options):
    """The problems of a file that is refused as invalid."""
    with pytest.raises(ScenarioError) as caught:
        load(file, changes, **options)
    assert caught.value.exit_code == 3
    return caught.value.problems


def refused(file, limits):
    """The error of a file above a limit."""
    with pytest.raises(RefusedError) as caught:
        load(file, limits=limits)
    assert caught.value.exit_code == 4
    return caught.value


def with_figures(folder, rows, header=HEADER):
    """The minimal scenario with published figures in a file beside it."""
    content = rows if isinstance(rows, bytes) else f"{header}{rows}".encode()
    written(folder, content, "observed.csv")
    return written(folder, f"{TEXT}history: observed.csv\n")


def told(file):
    """Code, line and words of every problem in the file of figures."""
    found = problems_of(file)
    assert {Path(p.file).name for p in found} == {"observed.csv"}
    line = TEXT.count("\n") + 1
    assert {p.included_by for p in found} == {(f"{file}:{line}",)}
    return [(p.code, p.line, plain(p).partition(p.code)[2]) for p in found]


def covered():
    """The ids that a file's name or the first word of a test's docstring says."""
    for file in FOLDER.glob("*.yaml"):
        yield file.stem.partition("-")[0].upper()
    for file in FOLDER.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found = re.match(r"([ABC]\d\d): ", ast.get_docstring(node) or "")
                if found:
                    yield found[1]


def test_no_row_of_the_catalogue_is_forgotten():
    """Every row of the tables A, B and C has a file or a test."""
    assert sorted(set(ROWS) - set(covered())) == []
    assert sorted(set(covered()) - set(ROWS)) == []


# --- A. Text ---


def test_a_missing_file(tmp_path):
    """A01: a file that is not there is answered with its nearest neighbour."""
    written(tmp_path, TEXT, "iran-belarus.yaml")
    (problem,) = problems_of(tmp_path / "iran-belrus.yaml")
    assert (problem.code, problem.suggestion) == ("S101", "iran-belarus.yaml")
    assert "no such file" in problem.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_regular_file(tmp_path):
    """A02: folders, pipes and devices are refused before a byte is read."""
    os.mkfifo(tmp_path / "pipe.yaml")
    for name in (tmp_path, tmp_path / "pipe.yaml", "/dev/zero", "/dev/stdin", "/dev/tty"):
        if Path(name).exists() and not Path(name).is_file():
            (problem,) = problems_of(name)
            assert problem.code == "S102", name


def test_standard_input_has_the_limit_of_files():
    """A02: what comes through standard input is read up to the limit of files."""
    code = "from simulator.scenario.reading import load; load('-')"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        input=b"#" * (2**20 + 1),
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert b"RefusedError" in done.stderr
    assert b"--max-input-size" in done.stderr


@pytest.mark.usefixtures("undisturbed")
def test_a_bomb_of_aliases(tmp_path):
    """A11: eight levels of aliases are refused in little time and memory."""
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    file = written(tmp_path, "\n".join(["a0: &a0 x", *levels]))
    tracemalloc.start()
    started = time.perf_counter()
    found = problems_of(file)
    seconds = time.perf_counter() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "S110" in {problem.code for problem in found}
    assert peak < 50e6
    assert seconds < 1


@pytest.mark.usefixtures("undisturbed")
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [(BRACKETS, 1, 39), (BRACES, 1, 132), (DASHES, 2, 65), ("? " * 100_000, 1, 65)],
    ids=["brackets", "braces", "dashes", "question-marks"],
)
def test_deep_nesting(tmp_path, text, line, column):
    """A12: a hundred thousand levels are refused at the 33rd, within a second."""
    file = written(tmp_path, text)
    started = time.perf_counter()
    (problem,) = problems_of(file)
    assert time.perf_counter() - started < 1
    assert (problem.code, problem.line, problem.column) == ("S112", line, column)


def test_the_deepest_nesting_that_is_read(tmp_path):
    """A12: level 32 is read, level 33 is not."""
    body = "changes:\n  not_covered: {}{}\n"
    problems = problems_of(child(tmp_path, body.format("[" * 30, "]" * 30)))
    assert "S112" not in {problem.code for problem in problems}
    (problem,) = problems_of(child(tmp_path, body.format("[" * 31, "]" * 31)))
    assert problem.code == "S112"


def test_the_largest_file(tmp_path):
    """A13: a file of the limit is read, one more byte is refused by the named option."""
    full = TEXT + "#" * (2**20 - len(TEXT.encode()))
    assert load(written(tmp_path, full)) == load(MINIMAL)
    error = refused(written(tmp_path, f"{full}#"), Limits())
    assert (error.problem.code, error.option) == ("S181", "--max-input-size")
    assert f"{2**20} bytes" in error.problem.message


@pytest.mark.parametrize("within", ["parent", "figures"])
def test_the_largest_file_among_those_named(tmp_path, within):
    """A13: what a file extends and what it takes figures from have the same limit."""
    large = "#" * (2**20 + 1)
    if within == "parent":
        written(tmp_path, large, "minimal.yaml")
        file = child(tmp_path)
    else:
        file = with_figures(tmp_path, large)
    assert refused(file, Limits()).problem.code == "S181"


def test_the_most_values(tmp_path):
    """A13: more than 50,000 values are refused at the line of the first one too many."""
    body = "changes:\n  not_covered:\n" + "  - x\n" * 50_000
    error = refused(child(tmp_path, body), Limits())
    assert (error.problem.code, error.option) == ("S181", "--max-input-size")
    assert "50000 values" in error.problem.message
    assert error.problem.line is not None
    assert error.problem.line > 49_000
    assert load(child(tmp_path, "changes:\n  not_covered:\n" + "  - x\n" * 9_000)).not_covered


@pytest.mark.parametrize("as_key", [False, True])
def test_the_longest_text(tmp_path, as_key):
    """A13: a text or key of 10,001 characters is refused at its line."""
    assert load(child(tmp_path, f"title: {'x' * 10_000}\n")).title == "x" * 10_000
    long = "x" * 10_001
    error = refused(child(tmp_path, f"? {long}\n: 1\n" if as_key else f"title: {long}\n"), Limits())
    assert (error.problem.code, error.problem.line) == ("S181", 3)


@pytest.mark.parametrize("encoding", ["utf-32", "utf-16", "latin-1", "cp1256", "cp1251"])
def test_other_encodings(tmp_path, encoding):
    """A14: whatever an editor of these countries may have saved, the advice is the same."""
    words = {"cp1256": "\u0627\u064a\u0631\u0627\u0646", "cp1251": "\u0406\u0440\u0430\u043d"}.get(
        encoding, "Straße"
    )
    (problem,) = problems_of(written(tmp_path, f"title: {words}\n".encode(encoding)))
    assert (problem.code, problem.line, problem.note) == ("S113", 1, "save as UTF-8")
    assert "byte" in problem.message


def test_a_text_that_is_cut_off_within_a_letter(tmp_path):
    """A14: half a letter at the end is no text, and neither are surrogates as bytes."""
    for end in (b"\xd8", b"\xed\xa0\x80", b"\xc0\x80", b"\xff"):
        (problem,) = problems_of(written(tmp_path, b"a: 1\ntitle: " + end))
        assert (problem.code, problem.line) == ("S113", 2)


@pytest.mark.parametrize(
    "number", [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)]
)
def test_every_control_character(tmp_path, number):
    """A15: each control character is refused, raw and escaped, and shown as an escape."""
    raw = child(tmp_path, f"title: a{chr(number)}b\n")
    escaped = child(tmp_path, f'title: "a\\x{number:02x}b"\n', name="escaped.yaml")
    for file in (raw, escaped):
        (problem,) = problems_of(file)
        assert (problem.code, problem.line) == ("S114", 3)
        assert f"\\x{number:02x}" in problem.message
        assert chr(number) not in render(ScenarioError([problem]))


@pytest.mark.parametrize("number", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
@pytest.mark.parametrize("place", ["title: a{}b", "# a {}", "{}title: x", "extends2: {}"])
def test_every_direction_control(tmp_path, number, place):
    """A16: each direction control is refused anywhere and named by its number."""
    problems = problems_of(child(tmp_path, place.format(chr(number)) + "\n"))
    assert {(p.code, p.line) for p in problems} == {("S114", 3)}
    assert f"U+{number:04X}" in problems[0].message


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u06f1\u06f4\u06f0\u06f2",
        "\u0411\u0435\u043b\u0430\u0440\u0443\u0441\u044c \u0456 \u0406\u0440\u0430\u043d",
        "a\u200db",
        "\u65e5\u672c",
        "\u00e9",
        "e\u0301",
        "\U0001f600",
    ],
)
def test_other_scripts(tmp_path, text):
    """A16: text in any script stays as it is written, letter for letter."""
    scenario = load(child(tmp_path, f"title: {text}\nchanges:\n  corridors.road.title: {text}\n"))
    assert scenario.title == scenario.corridors["road"].title == text


@pytest.mark.parametrize(
    "changed",
    [
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        TEXT.replace("\n", "  \n"),
        TEXT.rstrip("\n"),
        TEXT + "\n\n\n",
        f"\ufeff{TEXT}",
        f"---\n{TEXT}...\n",
    ],
    ids=["crlf", "cr", "trailing", "no-end", "blank-end", "mark", "document"],
)
def test_what_an_editor_may_change(tmp_path, changed):
    """A26: line ends, spaces at the end and a byte-order mark mean nothing."""
    file = tmp_path / "given.yaml"
    file.write_bytes(changed.encode())
    assert load(file) == load(MINIMAL)


def test_iranian_dates_wherever_dates_stand():
    """A24: in a file that announces them, every date is Iranian, wherever it stands."""
    scenario = load(FOLDER / "a24-everywhere.yaml")
    agreement, sanction = scenario.agreements["paper"], scenario.sanctions["list"]
    measure, horizon = scenario.measures["service"], scenario.horizon
    found = [
        (scenario.information_date, "2022-12-31"),
        (horizon.start, "2022-12-31"),
        (horizon.end, "2024-12-30"),
        (sanction.imposed.day, "2023-05-22"),
        (sanction.lifted.day, "2023-09-22"),
        (measure.at.day, "2023-03-21"),
        (measure.until.day, "2024-03-19"),
        (agreement.signed.day, "2023-03-21"),
        (agreement.in_force.day, "2023-05-21"),
        (agreement.ended.day, "2024-03-20"),
    ]
    assert [str(day) for day, _ in found] == [expected for _, expected in found]


def test_each_file_has_its_own_calendar(tmp_path):
    """A24: what a file announces holds for its own dates, not for those of what it extends."""
    child(tmp_path, "calendar: jalali\nchanges:\n  horizon.end: 1403-10-10\n", name="parent.yaml")
    assert str(load(tmp_path / "parent.yaml").horizon.end) == "2024-12-30"
    file = child(tmp_path, "changes:\n  horizon.start: 2023-01-01\n", parent="parent.yaml")
    assert str(load(file).horizon.end) == "2024-12-30"
    file = child(tmp_path, "changes:\n  horizon.start: 1401-10-11\n", parent="parent.yaml")
    assert [problem.code for problem in problems_of(file)] == ["S132"]


# --- B. Schema and meaning ---


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("  settlement.payment_days:\n    uniform:\n      low: 9\n      high: 5\n", (6, 7)),
        ("  horizon:\n    start: 2024-06-01\n    end: 2024-01-01\n", (5, 6)),
        (
            "  settlement.payment_cv:\n    triangular:\n      mode: 9\n      low: 1\n      high: 5",
            (6, 8),
        ),
    ],
)
def test_two_fields_that_do_not_fit(tmp_path, body, lines):
    """B08: when two fields contradict each other, both of their lines are shown."""
    (problem,) = problems_of(child(tmp_path, f"changes:\n{body}"))
    assert tuple(number for number, _ in problem.excerpt) == lines


@pytest.mark.parametrize(
    ("first", "second", "notes"),
    [
        ("IRN", "BLR", 0),
        ("IR", "BY", 6),
        ("Iran", "Belarus", 6),
        ("irn", "blr", 6),
        ("ir", "by", 6),
        ("'NO'", "RUS", 3),
        ("NO", "RUS", 3),
        ("Iran, Islamic Republic of", "BELARUS", 6),
    ],
)
def test_economies_in_many_spellings(tmp_path, first, second, notes):
    """B15: two letters and names of economies are read, and a note says what they are."""
    text = TEXT.replace("AAA", first).replace("AAB", second)
    reading = read(written(tmp_path, text))
    scenario, warnings = reading.scenario, reading.warnings
    assert [warning.code for warning in warnings] == ["S206"] * notes
    plain_text = TEXT
    for old, new in zip(("AAA", "AAB"), scenario.economies, strict=True):
        plain_text = plain_text.replace(old, new)
    assert scenario == load(written(tmp_path, plain_text))
    assert all(re.fullmatch("[A-Z]{3}", name) for name in scenario.economies)


def test_an_economy_that_is_none(tmp_path):
    """B15: letters that stand for no economy are refused where they are defined, once."""
    text = TEXT.replace("AAA", "INR").replace("AAB", "BLR")
    (problem,) = problems_of(written(tmp_path, text))
    assert (problem.code, problem.column) == ("S134", 3)
    assert TEXT.split("\n")[problem.line - 1].strip() == "AAA:"


@pytest.mark.parametrize(
    "path",
    ["exports.IR.last_usd_million", "exports.Iran.last_usd_million", "exports.ir.last_usd_million"],
)
@pytest.mark.parametrize(
    "form", ["changes:\n  {}: 7\n", "overrides:\n  a:\n    {}: 7\napply: [a]\n"]
)
def test_spellings_of_economies_within_paths(tmp_path, path, form):
    """B15: a path may name an economy in any spelling, wherever paths stand."""
    written(tmp_path, TEXT.replace("AAA", "IRN").replace("AAB", "BLR"), "minimal.yaml")
    reading = read(child(tmp_path, form.format(path)))
    (note,) = reading.warnings
    assert reading.scenario.exports["IRN"].last_usd_million.value == 7
    assert note.code == "S206"


def test_spellings_of_economies_within_effects(tmp_path):
    """B15: the path of an effect and the keys of a block are understood like any other path."""
    written(tmp_path, TEXT.replace("AAA", "IRN").replace("AAB", "BLR"), "minimal.yaml")
    path = "exports.IR.goods.widgets.tariff_share"
    effects = f"{{less: {{path: {path}, add: 0.1}}}}"
    body = f"changes:\n  measures.m: {{title: M, at: 2023-04-01, effects: {effects}}}\n"
    reading = read(child(tmp_path, body))
    (note,) = reading.warnings
    assert reading.scenario.measures["m"].effects["less"].path == path.replace("IR", "IRN")
    assert note.code == "S206"


def test_a_number_without_a_source(tmp_path):
    """B30: a number without a source is allowed, and counts as assumed."""
    file = FOLDER / "b30-no-source.yaml"
    numbers = dict(quantities(load(file)))
    assert numbers["settlement.payment_days"].is_assumed
    assert not numbers["settlement.payment_cv"].is_assumed
    bare = load(child(tmp_path, "changes:\n  settlement.payment_days: 3\n"))
    assert bare.settlement.payment_days.is_assumed


# --- C. Names, paths, files ---


@pytest.mark.parametrize(
    "name",
    [
        *("con", "prn", "aux", "nul", "com0", "com9", "lpt0", "lpt9", "nul.tar.gz", "con.x"),
        *("a.", "a..", ".", "..", ".a", "-a", "_a", "a b", " a", "a ", "a\nb", "a\n", ""),
        *("CON", "Nul", "a:b", "a*b", "a?b", 'a"b', "a|b", "a<b", "a\\b", "a/b", "/", "~x", "$x"),
        *("\u00e9", "e\u0301", "\u0131", "\u00df", "\ufb01", "\uff10", "\u06f1", "a\u200bb"),
        *("a" * 65, "a" * 300, "\u00e9" * 130),
    ],
)
def test_names_that_some_system_refuses(tmp_path, name):
    """C02: a name that some system does not take for a folder is refused on every system."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    (problem,) = problems_of(child(tmp_path, f'name: "{quoted}"\n'))
    assert (problem.code, problem.line) == ("S126", 3)


@pytest.mark.parametrize("name", ["a", "0", "a.b", "a-b_c.d", "console", "com", "com10", "a" * 64])
def test_names_that_every_system_takes(tmp_path, name):
    """C02: other names are taken as they are."""
    assert load(child(tmp_path, f'name: "{name}"\n')).name == name


@pytest.mark.parametrize("depth", [8, 9])
def test_the_longest_chain(tmp_path, depth):
    """C05: eight files may extend each other; the ninth is refused at the line that asks for it."""
    for number in range(1, depth):
        parent = f"f{number + 1}.yaml" if number + 1 < depth else "minimal.yaml"
        child(tmp_path, parent=parent, name=f"f{number}.yaml")
    if depth == 8:
        assert load(tmp_path / "f1.yaml").question == "What if?"
    else:
        (problem,) = problems_of(tmp_path / "f1.yaml")
        assert (problem.code, problem.line) == ("S162", 2)
        assert Path(problem.file).name == "f8.yaml"
        assert len(problem.included_by) == 7


def test_links_that_lead_outside(tmp_path):
    """C06: a link that leads outside is refused, for scenarios and for figures."""
    inside = tmp_path / "project" / "scenarios"
    inside.mkdir(parents=True)
    secret = written(tmp_path, TEXT, "secret.yaml")
    figures = written(tmp_path, HEADER, "secret.csv")
    (inside / "link.yaml").symlink_to(secret)
    (inside / "link.csv").symlink_to(figures)
    (inside / "folder").symlink_to(tmp_path)
    for body in ("extends: link.yaml", "extends: folder/secret.yaml"):
        (problem,) = problems_of(written(inside, f"question: What if?\n{body}\n"))
        assert (problem.code, problem.line) == ("S161", 2)
        assert "project/" in problem.message
    (problem,) = problems_of(written(inside, f"{TEXT}history: link.csv\n"))
    assert problem.code == "S161"


def test_a_link_that_stays_inside(tmp_path):
    """C06: a link to a file of the same tree is a file like others."""
    written(tmp_path, TEXT, "minimal.yaml")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "minimal.yaml")
    assert load(child(tmp_path, parent="link.yaml")).horizon == load(MINIMAL).horizon


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("home,2021,90,a\nabroad,2022,95.5,b\n", {"home": {"2021": 90}, "abroad": {"2022": 95.5}}),
        ('home,2021,1e2,"a, b"\n\n', {"home": {"2021": 100}}),
        ("", {}),
        ("home,2019,1,a\nhome,2022,2,a\n", {"home": {"2019": 1, "2022": 2}}),
    ],
)
@pytest.mark.parametrize("form", ["{}", "\ufeff{}", "crlf"])
def test_figures_that_are_read(tmp_path, rows, expected, form):
    """C09: a file of figures is read with a byte-order mark or without, in any line ends."""
    text = HEADER + rows
    text = text.replace("\n", "\r\n") if form == "crlf" else form.format(text)
    assert load(with_figures(tmp_path, text.encode())).history == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found nothing"),
        ("office,year,value,source\n", "found office,year,value,source; write: statistics,year"),
        ("statistics,year,turnover_usd_million\n", "write: statistics,year,turnover_usd_million,s"),
        (HEADER.replace(",", ";") + "home;2021;90,5;a\n", "separated by ;, expected commas"),
        (HEADER.replace(",", "\t"), "separated by tabs, expected commas"),
        ("home,2021,90,a\n", "found home,2021,90,a"),
    ],
)
def test_columns_of_figures(tmp_path, text, words):
    """C09: other columns or separators are named, not guessed."""
    ((code, line, message),) = told(with_figures(tmp_path, text, header=""))
    assert (code, line) == ("S172", 1)
    assert words in message


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ("home,2020,88,a\nhome,2021,90,5,a\n", 3, "a decimal comma?; write: 90.5"),
        ('home,2021,"90,5",a\n', 2, "found '90,5'; write: 90.5"),
        ('home,2021,"1,090.5",a\n', 2, "write: 1090.5"),
        ("home,2021,90\n", 2, "expected 4 columns, found 3"),
    ],
)
def test_decimal_commas_of_figures(tmp_path, rows, line, words):
    """C09: a decimal comma is recognised and named, not guessed."""
    ((code, found, message),) = told(with_figures(tmp_path, rows))
    assert (code, found) == ("S173", line)
    assert words in message


def test_figures_that_are_not_there(tmp_path):
    """C09: a file of figures that is missing is told at the line that names it."""
    file = with_figures(tmp_path, "")
    (tmp_path / "observed.csv").rename(tmp_path / "observd.csv")
    (problem,) = problems_of(file)
    assert (problem.code, problem.suggestion) == ("S101", "observd.csv")
    assert problem.line == TEXT.count("\n") + 1


def test_rows_of_figures(tmp_path):
    """C10: the first five rows that are wrong are told, each with its line and column."""
    rows = "2015,NaN\n2016,many\n2017,-5\n17,5\n2018,inf\n2019,\n2020,true\n"
    rows = rows.replace("\n", ",a\n").replace("20", "home,20").replace("\n17", "\nhome,17")
    found = told(with_figures(tmp_path, rows))
    assert [(code, line) for code, line, _ in found] == [("S173", n) for n in range(2, 7)]
    words = [
        "million: expected a number, found 'NaN'",
        "found 'many'",
        "must be 0 or more, found -5",
    ]
    words += ["year: expected a year such as 2021, found '17'", "found 'inf'"]
    assert all(word in message for word, (_, _, message) in zip(words, found, strict=True))


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ("home,2020,90,a\nhome,2020,92,b\n", "S173", "home 2020 stands twice, first on line 2"),
        ("home,2020,90,a\n home , 2020 ,90,b\n", "S173", "stands twice"),
        ("home,2020,90,a\nhome,2030,92,b\n", "S142", "2030 is not known at the information date"),
        ("home,2020,90,a\nhom,2021,92,b\n", "S153", "did you mean 'home'?"),
        ("home,2020,90,a\nHome,2021,92,b\n", "S126", "found 'Home'"),
        ("home,2020,90,a\nhome,2021,.nan,b\n", "S173", "must be a finite number"),
        ("home,2020,90,a\nhome,2021,1e999,b\n", "S173", "must be a finite number"),
        ("home,2020,90,a\nhome,2021,=1+1,b\n", "S173", "found '=1+1'"),
        ("home,2020,90,a\nhome,2021.0,1,b\n", "S173", "found '2021.0'"),
    ],
)
def test_one_wrong_row_of_figures(tmp_path, rows, code, words):
    """C10: a row that cannot be is told at its own line."""
    ((found, line, message),) = told(with_figures(tmp_path, rows))
    assert (found, line) == (code, 3)
    assert words in message


def test_each_file_is_read_once(tmp_path, monkeypatch):
    """C14: every file is opened once, and what is done to it afterwards changes nothing."""
    opened = []
    real = os.open

    def counted(name, *arguments, **options):
        opened.append(Path(name).name)
        return real(name, *arguments, **options)

    monkeypatch.setattr("os.open", counted)
    text = f"{TEXT}history: observed.csv\n".replace("name: minimal\n", "name: parent\n")
    written(tmp_path, f"{HEADER}home,2021,90,a\n", "observed.csv")
    written(tmp_path, text, "minimal.yaml")
    file = child(tmp_path, "overrides:\n  a: {seed: 5}\napply: [a]\n")
    scenario = load(file)
    assert sorted(opened) == ["child.yaml", "minimal.yaml", "observed.csv"]
    file.write_text("no longer a scenario")
    assert scenario.seed == 5


def test_results_do_not_go_into_an_input(tmp_path):
    """C15: a scenario given as the place of results is refused, and stays as it is."""
    file = written(tmp_path, TEXT)
    result = CliRunner().invoke(app, ["run", str(file), "--out", str(file)])
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert file.read_text(encoding="utf-8") == TEXT


def test_text_that_looks_like_a_program():
    """C16: nothing in a text is replaced, from the environment or by a template."""
    scenario = load(FOLDER / "c16-literal.yaml")
    title = "${HOME} $(id) `id` %PATH% {{ 7*7 }} {% x %} ~ =1+1 ${jndi:ldap://x}"
    assert scenario.title == title
    assert scenario.context_of_use == "{{ 7*7 }}"
