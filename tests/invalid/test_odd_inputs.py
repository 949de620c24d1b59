"""Odd inputs beyond the rows of the catalogue: nothing is lost in silence, no advice is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli.app import app
from simulator.errors import RefusedError, ScenarioError, plain
from simulator.scenario.reading import load, parse_setting, read

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
TEXT = (FOLDER.parent / "scenarios" / "minimal.yaml").read_text(encoding="utf-8")
IRAN = TEXT.replace("AAA", "IRN").replace("AAB", "BLR")
HEADER = "statistics,year,turnover_usd_million,source\n"


def written(folder, text, name="given.yaml"):
    """A file with ``text``, as bytes or as UTF-8."""
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def child(folder, body="", parent="minimal.yaml", name="child.yaml", text=TEXT):
    """A file that extends a copy of the minimal scenario."""
    if not (folder / "minimal.yaml").exists():
        written(folder, text, "minimal.yaml")
    return written(folder, f"question: What if?\nextends: {parent}\n{body}", name)


def with_figures(folder, rows, header=HEADER):
    """The minimal scenario with published figures in a file beside it."""
    content = rows if isinstance(rows, bytes) else f"{header}{rows}".encode()
    written(folder, content, "observed.csv")
    return written(folder, f"{TEXT}history: observed.csv\n")


def told(file, changes=None):
    """Code, line and words of every problem of a file that is refused."""
    with pytest.raises(ScenarioError) as caught:
        load(file, changes)
    return [(p.code, p.line, plain(p).partition(p.code)[2]) for p in caught.value.problems]


# --- Crashes, hangs, silent losses ---


def test_many_stars_in_one_name(tmp_path):
    """C08: a pattern of many stars is answered at once; a backtracking match takes hours."""
    file = child(tmp_path, f"changes:\n  'adjustment.{'*' * 25}x': 1\n")
    code = f"from simulator.scenario.reading import load; load({str(file)!r})"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert b"S151" in done.stderr


def test_a_cell_larger_than_the_reader_of_csv_takes(tmp_path):
    """A13: a cell of more than 131,072 characters is no traceback (_csv.Error)."""
    with pytest.raises((ScenarioError, RefusedError)):
        load(with_figures(tmp_path, f"home,2020,90,{'x' * 140_000}\n"))


def test_a_quote_that_is_never_closed(tmp_path):
    """C10: an open quote must not swallow the rows below it in silence."""
    rows = 'home,2020,90,"a\nhome,2021,91,b\nhome,2022,92,c\n'
    assert [(code, line) for code, line, _ in told(with_figures(tmp_path, rows))] == [("S173", 2)]


@pytest.mark.parametrize("order", [("IR", "IRN"), ("IRN", "IR")])
def test_two_spellings_of_one_path(tmp_path, order):
    """B15: two spellings of one path are refused (S109, S156)."""
    body = "".join(f"  exports.{name}.last_usd_million: {n}\n" for n, name in enumerate(order))
    ((code, line, _),) = told(child(tmp_path, f"changes:\n{body}", text=IRAN))
    assert code in ("S109", "S156")
    assert line == 5


def test_two_spellings_of_one_block(tmp_path):
    """B15: blocks under two spellings of one path merge or are refused; one must not be lost."""
    body = "  exports.IR: {last_usd_million: 5}\n  exports.IRN: {average_usd_million: 6}\n"
    file = child(tmp_path, f"changes:\n{body}", text=IRAN)
    try:
        flow = load(file).exports["IRN"]
    except ScenarioError as error:
        assert error.problems[0].code in ("S109", "S156")  # noqa: PT017
    else:
        assert (flow.last_usd_million.value, flow.average_usd_million.value) == (5, 6)


def test_one_economy_defined_twice(tmp_path):
    """C03: IR and IRN in one block are the same name twice, whichever stands first."""
    text = TEXT.replace("AAA", "IR").replace("AAB", "IRN")
    found = told(written(tmp_path, text))
    assert [code for code, *_ in found].count("S109") == 2


def test_a_name_among_the_changes(tmp_path):
    """C08: a name that is changed is changed, or refused."""
    assert load(child(tmp_path, "changes:\n  name: other\n")).name == "other"
    assert told(child(tmp_path, "changes:\n  name: ../x\n"))[0][0] == "S126"


def test_an_empty_source_is_none(tmp_path):
    """B30: a source of nothing but spaces leaves the number assumed."""
    for source in ("", "  "):
        file = child(
            tmp_path, f"changes:\n  settlement.payment_days: {{value: 3, source: '{source}'}}\n"
        )
        assert load(file).settlement.payment_days.is_assumed


# --- Characters that come in by another way ---


@pytest.mark.parametrize("text", ["a\x1b[2J", "a\0b", "a\u202eb", "a\ud800", "a\x9b"])
def test_settings_obey_the_rules_of_files(text):
    """A15: a setting with a control character, direction control or surrogate is refused."""
    with pytest.raises(ScenarioError, match="S114"):
        parse_setting(f"title={text}")


@pytest.mark.parametrize("character", ["\x1b", "\0", "\u202e", "\x9b"])
def test_figures_obey_the_rules_of_files(tmp_path, character):
    """A15: a CSV file with such a character is refused like any other file."""
    ((code, line, _),) = told(with_figures(tmp_path, f"home,2021,90,a{character}\n"))
    assert (code, line) == ("S114", 2)


def test_figures_in_utf_16_without_a_mark(tmp_path):
    """A14: a file full of NUL is UTF-16, and the advice is to save it as UTF-8."""
    content = f"{HEADER}home,2021,90,a\n".encode("utf-16-le")
    ((code, _, words),) = told(with_figures(tmp_path, content))
    assert code == "S113"
    assert "save as UTF-8" in words


@pytest.mark.parametrize("rows", ["home,\u06f2\u06f0\u06f2\u06f1,90,a\n", "home,0000,90,a\n"])
def test_years_of_figures(tmp_path, rows):
    """C10: a year has four ASCII digits and lies between 1900 and 2500."""
    ((code, line, _),) = told(with_figures(tmp_path, rows))
    assert (code, line) == ("S173", 2)


def test_years_in_other_digits(tmp_path):
    r"""B03: \d of a pattern means ASCII digits: other ones are no year of history."""
    body = "changes:\n  history: {home: {\u06f2\u06f0\u06f2\u06f1: 5}}\n"
    assert told(child(tmp_path, body))[0][0] == "S126"


# --- Lines, chains, notes ---


def test_the_line_of_a_row_after_a_quoted_line_end(tmp_path):
    """C10: rows are counted by lines of the file; a cell may hold a line end."""
    rows = 'home,2020,90,"a\nb"\nhome,2021,x,b\n'
    ((_, line, _),) = told(with_figures(tmp_path, rows))
    assert line == 4


def test_semicolons_below_a_header_with_commas(tmp_path):
    """C09: a row separated by ; is recognised, whatever the header looks like."""
    ((_, _, words),) = told(with_figures(tmp_path, "home;2021;90;a\n"))
    assert "separated by ;" in words


def test_minus_zero_of_figures(tmp_path):
    """A21: minus zero is zero, in figures as well."""
    history = load(with_figures(tmp_path, "home,2020,-0,a\n")).history
    assert str(history["home"]["2020"]) == "0.0"


def test_a_new_year_of_history_by_its_path(tmp_path):
    """C08: a number makes a new entry where a collection holds numbers, of years too."""
    written(tmp_path, f"{TEXT}history: {{home: {{2020: 90}}}}\n", "minimal.yaml")
    file = child(tmp_path, "changes:\n  history.home.2021: 91\n")
    assert load(file).history["home"] == {"2020": 90, "2021": 91}


@pytest.mark.parametrize("named", ["extends", "history"])
def test_the_chain_to_a_file_that_is_no_text(tmp_path, named):
    """C07: the way to a file is told, also when that file is not UTF-8."""
    if named == "extends":
        written(tmp_path, TEXT.replace("Road", "Stra\u00dfe").encode("latin-1"), "minimal.yaml")
        file = child(tmp_path)
    else:
        file = with_figures(tmp_path, f"{HEADER}home,2021,90,Stra\u00dfe\n".encode("latin-1"))
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert caught.value.problems[0].included_by


def test_both_lines_of_a_value_and_a_law(tmp_path):
    """B29: of a value and a law, the lines of both keys are shown, not the first parameter."""
    body = "  settlement.payment_days:\n    value: 3\n    uniform:\n      low: 1\n      high: 2\n"
    with pytest.raises(ScenarioError) as caught:
        load(child(tmp_path, f"changes:\n{body}"))
    assert [number for number, _ in caught.value.problems[0].excerpt] == [5, 6]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [("agreements.p.signing", "2023-05-01", "S208"), ("exports.IR.last_usd_million", 5, "S206")],
)
def test_notes_of_settings(tmp_path, path, value, code):
    """B28: an old name or another spelling on the command line is noted as in a file."""
    agreement = "title: P, document: memorandum, signed: 2023-01-01, implemented_share: 1"
    body = f"changes:\n  agreements.p: {{{agreement}, phase_in_years: 0, effects: {{}}}}\n"
    file = child(tmp_path, body, text=IRAN)
    assert [note.code for note in read(file, {path: value}).warnings] == [code]


def test_an_iranian_date_on_the_command_line(tmp_path):
    """A24: a setting has no calendar: to announce, so the advice is the Gregorian day."""
    ((code, _, words),) = told(child(tmp_path, "calendar: jalali\n"), {"horizon.end": "1403-10-11"})
    assert code == "S132"
    assert "calendar: jalali" not in words
    assert "write: 2024-12-31" in words


# --- Advice that is wrong ---


@pytest.mark.parametrize(
    ("path", "text", "wrong"),
    [
        ("settlement.payment_days", "3 weeks", "write: 3 "),
        ("settlement.payment_days", "12 hours", "write: 12 "),
        ("settlement.payment_days", "5 months", "write: 5 "),
        ("settlement.payment_days", "2 thousand", "write: 2 "),
        ("target.turnover_usd_million", "1.2bn", "write: 1.2 "),
        ("target.turnover_usd_million", "120000 USD", "write: 120000 "),
        ("economies.AAA.exchange_rate.overshoot_months", "5 years", "write: 5 "),
    ],
)
def test_numbers_with_another_unit(tmp_path, path, text, wrong):
    """A19: the number alone is no advice when the word after it is another unit."""
    ((_, _, words),) = told(child(tmp_path, f"changes:\n  {path}: {text}\n"))
    assert wrong not in words


@pytest.mark.parametrize("text", ["1.2.3", "1,2,3", "12,34,567", "1..2", "1.5.", "1.000,5", "1_0_"])
def test_advice_is_a_number(tmp_path, text):
    """A19: what stands after "write:" is a number that would be read."""
    ((_, _, words),) = told(child(tmp_path, f"changes:\n  settlement.payment_days: {text}\n"))
    _, _, advice = words.partition("write: ")
    assert not advice or float(advice.partition(" ")[0]) > 0


def test_advice_is_cut(tmp_path):
    """B03: neither the value nor the advice is longer than a line."""
    body = f"changes:\n  settlement.payment_days: {'1_' * 4000}x\n"
    ((_, _, words),) = told(child(tmp_path, body))
    assert len(words) < 300


def test_a_slip_of_two_letters():
    """B15: INR for IRN is a swap of two letters, nearer than another country."""
    from simulator.scenario.standards import nearest_economy

    assert nearest_economy("INR").startswith("IRN")


@pytest.mark.parametrize("name", ["UK", "Turkey", "Vietnam", "South Korea", "United States"])
def test_names_that_everybody_uses(name):
    """B15: names in common use are known names."""
    from simulator.scenario.standards import economy_code

    expected = {"UK": "GBR", "Turkey": "TUR", "Vietnam": "VNM", "South Korea": "KOR"}
    assert economy_code(name) == expected.get(name, "USA")


# --- Limits and the command line ---


@pytest.mark.parametrize(
    "body", ["not_covered: [{}]".format(", ".join(["a"] * 50_001)), "title: " + "x" * 10_001]
)
def test_the_option_that_is_named_raises_the_limit(tmp_path, body):
    """A13: --max-input-size is named for values and long texts, and raises these limits too."""
    file = child(tmp_path, f"changes:\n  {body}\n")
    told_first = CliRunner().invoke(app, ["run", str(file), "--out", "/dev/null/x"])
    assert "--max-input-size" in told_first.stderr
    size = ["--max-input-size", "9000000"]
    result = CliRunner().invoke(app, ["run", str(file), *size, "--out", "/dev/null/x"])
    assert result.exit_code == 6


def test_the_work_of_many_changes(tmp_path):
    """A13: what the limits let in is read in time: twice the changes make twice the work."""
    once, twice = (calls(load, many_changes(tmp_path, count)) for count in (400, 800))
    assert 1.7 < twice / once < 2.2


def many_changes(folder, count):
    """A difference that adds so many corridors, each by a path of its own."""
    fields = "title: R, minimum_days: 0, excess_days: 0, excess_cv: 0, freight_usd_per_tonne: 0"
    body = "".join(f"  corridors.x{n}: {{{fields}}}\n" for n in range(count))
    return child(folder, f"changes:\n{body}")


def calls(function, *arguments):
    """How many functions are called and left while one runs: its work, whatever the machine."""
    count = 0

    def counted(*_):
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        function(*arguments)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("out", ["given.yaml", "."])
def test_results_beside_an_input(tmp_path, monkeypatch, out):
    """C15: --out may be neither an input nor its folder: the command line is wrong (2)."""
    written(tmp_path, TEXT)
    monkeypatch.chdir(tmp_path)
    arguments = ["run", "given.yaml", "--reps", "2", "--workers", "1", "--out", out, "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2, json.dumps(result.output[-200:])
