"""The words of an answer."""

from runs_for_tests import synthetic

from simulator import answers, wording

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
