"""What the tool says when it is asked."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from runs_for_tests import synthetic

from simulator import answers, runs, wording
from simulator.ledger import LOSSES, POTENTIAL, REALISED
from simulator.parts import only
from simulator.runs import Failure


@pytest.fixture(scope="module")
def run():
    """A run of 400 replications."""
    return synthetic()


@pytest.fixture(scope="module")
def answer(run):
    """Its answer."""
    return answers.answer(run)


CASES = {
    "usual": {},
    "few runs": {"replications": 50},
    "one run": {"replications": 1},
    "out of reach": {"scale": 0.2},
    "certain": {"scale": 9.0},
    "no potential": {"scale": 0.0},
    "all lost": {"loss_only": True},
    "cut off": {"complete": False, "horizon": {"start": "2023-01-01", "end": "2023-07-31"}},
}


@pytest.mark.parametrize("case", CASES)
def test_every_answer_fits_a_terminal_and_starts_with_the_answer(case):
    """No line is wider than 90 columns, and the first paragraph is the answer."""
    told = answers.answer(synthetic(**CASES[case]))
    text = wording.words(told, file="scenarios/tiny.yaml", folder=Path("results/tiny/0123456789"))
    assert max(map(len, text.splitlines())) <= 90
    first = " ".join(text.split("\n\n")[0].splitlines())
    assert first.startswith(wording.sentence(told))


@pytest.mark.parametrize("case", CASES)
def test_every_answer_is_json(case):
    """No answer holds a number that JSON cannot say."""
    told = answers.as_json(answers.answer(synthetic(**CASES[case])))
    assert json.loads(json.dumps(told, allow_nan=False))["schema"] == "sim.run/1"


def test_sentence_names_chance_interval_and_both_statistics(answer):
    """The answer says how sure it is, by whose statistics, and what the other side would see."""
    assert wording.sentence(answer) == (
        "Trade between Iran and Belarus reaches USD 100 million in 2023 in 24 of 100 runs on the "
        "statistics of Belarus (95% interval 21 to 29) and in 8 of 100 on those of Iran (6 to 11)."
    )


def test_chance_counts_runs_at_or_above_the_target(run, answer):
    """A run meets the target when the published flows of both directions sum to it or more."""
    table = run.tables["years"].to_pylist()
    totals = {}
    for row in table:
        if (row["statistics"], row["year"]) == ("belarus", 2023):
            totals[row["replication"]] = totals.get(row["replication"], 0) + row["reported_usd"]
    assert answer.offices[0].chance.hits == sum(total >= 100e6 for total in totals.values())


def test_years_of_first_success_and_never_add_up(answer):
    """Each run meets the target first in one year, or never."""
    for office in answer.offices:
        hits = sum(reached.chance.hits for reached in office.reached) + office.never.hits
        assert hits == answer.replications


def test_ledger_explains_all_that_is_missing(answer):
    """The shares of all causes are what lies between potential and realised trade."""
    lost = sum(account.share for account in answer.accounts)
    realised = answer.realised_usd_million / answer.potential_usd_million
    assert lost == pytest.approx(1 - realised, abs=1e-12)


def test_ledger_of_a_run_closes_to_the_cent(run):
    """Potential less every loss is realised trade, in each replication."""
    books = runs.accounts(run)
    assert (books[POTENTIAL] - sum(books[key] for key in LOSSES) == books[REALISED]).all()


def test_without_the_largest_deal_some_verdicts_turn(run, answer):
    """The deal is decisive in the runs that meet the target with it and miss it without."""
    reported, true, deal = (
        runs.flows(run, "belarus", 2023, column)
        for column in ("reported_usd", "delivered_cents", "largest_deal_cents")
    )
    without = sum(reported[e] * (1 - deal[e] / true[e]) for e in reported)
    turned = answers.met(run, "belarus", 2023) & (without < 100e6)
    assert answer.largest_deal.decisive.hits == np.count_nonzero(turned) > 0


def test_inputs_are_counted_by_where_they_come_from(answer):
    """Every input is either sourced or assumed."""
    assert answer.inputs.sourced + answer.inputs.assumed == answer.inputs.total
    assert answer.inputs.levers == len(answer.levers) > 0


def test_each_office_speaks_of_its_own_year(answer):
    """The Iranian year 1402 begins on 21 March 2023 and ends on 19 March 2024."""
    gregorian, jalali = answer.offices
    assert (gregorian.first, gregorian.last) == (date(2023, 1, 1), date(2023, 12, 31))
    assert (jalali.first, jalali.last) == (date(2023, 3, 21), date(2024, 3, 19))
    assert jalali.period == "2023-03-21 to 2024-03-19, Iranian year 1402"


def test_unit_basis_and_prices_stand_over_the_table(answer):
    """A number of dollars always says which dollars."""
    assert "USD million, current prices, exports FOB, imports CIF" in wording.words(answer)


def test_what_is_not_covered_is_said(answer):
    """A range without its exceptions misleads."""
    assert "NOT covered          new sanctions rounds" in wording.words(answer)


def test_unseen_success_is_told_with_its_upper_bound():
    """H10: none of 400 runs is not an impossibility."""
    told = wording.sentence(answers.answer(synthetic(scale=0.2)))
    assert "in 0 of 400 runs on the statistics of Belarus (95% upper bound 1.0%)" in told


def test_small_samples_are_told_as_they_are():
    """H09: fifty runs are not turned into hundreds, and the 90 % range is withheld."""
    told = answers.answer(synthetic(50))
    assert "in 12 of 50 runs" in wording.sentence(told)
    assert "Withheld: the 90% range needs at least 59 runs." in wording.words(told)


def test_one_run_tells_no_chance():
    """A single run prints no interval."""
    text = wording.words(answers.answer(synthetic(1)))
    assert "one run tells no chance" in text
    assert "95% interval" not in text


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ({"scale": 0.0}, "there is no potential trade"),
        ({"loss_only": True}, "payment refused takes 100% of the potential"),
    ],
)
def test_no_trade_is_told_with_its_reason(case, reason):
    """H07: when nothing is delivered, the answer is why."""
    text = wording.sentence(answers.answer(synthetic(**case)))
    assert text == f"No trade happens in 2023 in any run, because {reason}."


def test_year_that_is_cut_off_has_no_number():
    """A target year beyond the horizon gets a warning in place of an annual number."""
    told = answers.answer(synthetic(**CASES["cut off"]))
    assert told.offices[0].turnover is None
    assert "only 6 of 12 months" in wording.words(told).replace("\n", " ")
    assert "USD million" not in wording.words(told)


def test_equal_runs_are_said_to_be_equal():
    """H08: zero variance is stated, not printed as an error of 0."""
    values = answers.spread(np.full(300, 42.0))
    assert values.is_constant
    assert values.mean.withheld == "every run gave the same value"


def test_text_of_a_user_cannot_command_the_terminal():
    """Control characters in a scenario are shown, never sent."""
    told = answers.answer(synthetic(not_covered=["\x1b[2Jwiped"]))
    assert "\x1b" not in wording.words(told)


def test_next_command_changes_a_lever():
    """When the chance is known well enough, the next question is about something we can choose."""
    told = answers.answer(synthetic(1000))
    asked = wording.words(told, file="x.yaml").splitlines()[-1]
    path, value = asked.split("--set ")[1].split("=")
    assert {lever.path: lever.value for lever in told.levers}[path] == 2 * float(value)


def _without(run, failed):
    """The run with its first replications failed."""
    tables = only(run.tables, failed, 10**6)
    failures = tuple(Failure(n, "ZeroDivisionError: division by zero") for n in range(failed))
    count = run.replications - failed
    return replace(
        run, replications=count, tables=tables, asked=run.replications, failures=failures
    )


def test_survivors_are_not_the_whole(run):
    """F09: what failed is not in the numbers, and the answer says what that may mean."""
    told = answers.answer(_without(run, 3))
    assert (told.replications, told.asked, told.failed) == (397, 400, 3)
    assert "3 failed replications are not in the numbers" in told.warnings[0]
    assert told.offices[0].chance is not None
    assert answers.as_json(told)["status"] == "partial"
    assert "too optimistic" in wording.words(told)


def test_no_chance_where_many_failed(run):
    """F08: where more than 1 in 100 failed there is no headline number."""
    told = answers.answer(_without(run, 5))
    assert all(office.chance is None for office in told.offices)
    assert wording.sentence(told) == "No answer for 2023: too many replications failed."
