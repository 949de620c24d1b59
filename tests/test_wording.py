"""The words of an answer."""

from dataclasses import replace

from runs_for_tests import synthetic

from simulator import answers, estimates, wording

WIDTH = 90


def test_no_line_is_wider_than_a_terminal():
    """Whatever there is to say, it fits into 90 columns."""
    for replications in (1, 50, 400):
        for line in wording.words(answers.answer(synthetic(replications))).splitlines():
            assert len(line) <= WIDTH


def test_the_answer_comes_first():
    """The first words are the sentence that answers, with the chance and the target in it."""
    told = answers.answer(synthetic(400))
    sentence = wording.sentence(told)
    assert wording.words(told).replace("\n", " ").startswith(sentence)
    assert "of 100 runs" in sentence
    assert "USD" in sentence


def test_text_of_a_user_cannot_write_to_the_terminal():
    """Control characters of a title are shown, not sent."""
    run = synthetic(50)
    nasty = run.scenario.model_copy(update={"not_covered": ("a \x1b[31mred\x1b[0m herring",)})
    told = answers.answer(type(run)(nasty, run.seed, run.replications, run.tables))
    assert "\x1b" not in wording.words(told)


def test_a_part_says_that_it_is_one():
    """D5: a stopped run tells how far it came, what is known, and how to go on."""
    part = replace(synthetic(150), asked=1000)
    told = wording.stopped(answers.answer(part), 150, 1000, "sim run FILE")
    assert told.startswith("Stopped at 150 of 1 000 runs. Nothing is lost.\nSo far: Trade between")
    assert told.splitlines()[-1] == "  Continue             sim run FILE"
    assert "So far" not in wording.stopped(None, 0, 1000, "sim run FILE")


def test_a_verdict_is_given_or_left_open():
    """Which is likelier is said only where the anytime-valid sequence allows it."""
    run = synthetic(400)
    goal = run.scenario.target.turnover_usd_million
    hits = {}
    for value in (10.0, 120.0, 1e4):
        target = run.scenario.target.model_copy(
            update={"turnover_usd_million": goal.model_copy(update={"value": value})}
        )
        asked = run.scenario.model_copy(update={"target": target})
        told = answers.answer(replace(run, scenario=asked))
        (line,) = [x for x in wording.words(told).splitlines() if x.startswith("  Verdict")]
        chance = told.offices[0].chance
        decided = estimates.likelier(chance.hits, chance.of)
        hits[value] = decided
        assert ("is still open" in " ".join(wording.words(told).split())) == (decided is None), line
    assert hits[10.0] is True
    assert hits[1e4] is False


def test_what_more_runs_would_buy_is_told():
    """H11: where the chance is not known to a point, the runs that it takes are named."""
    told = " ".join(wording.words(answers.answer(synthetic(400))).split())
    assert "±1 is not reached and would take about" in told
