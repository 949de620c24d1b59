"""Briefs: one page of Markdown in which text means nothing but itself."""

import re

import pytest
from runs_for_tests import synthetic, uncertain

from simulator.brief_words import brief, plain
from simulator.origins import Origins
from simulator.reports import report


def _brief(run):
    return brief(report(run, Origins()), run.scenario)


def test_a_brief_has_its_parts_in_order():
    """Question and answer, what binds, outside view, three things, not covered, how to repeat."""
    text = _brief(uncertain())
    assert text.startswith("# Will trade between Iran and Belarus reach")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "What binds",
        "How often others managed as much",
        "Three things to know",
        "Not covered",
        "How to repeat it",
    ]
    assert len(re.findall(r"^[123]\. ", text, re.MULTILINE)) == 3
    assert "Most hangs on world\\_price\\_rate" in text
    assert "barter outside the statistics" in text


def test_markup_of_a_user_is_text():
    """D09: nothing of a name becomes a heading, a link, mathematics or HTML."""
    assert plain("# [x](y) <b> $a_b$ *c* | `d` ~e~ & \\input\n# f") == (
        r"\# \[x\](y) \<b\> \$a\_b\$ \*c\* \| \`d\` \~e\~ \& \\input \# f"
    )
    run = synthetic(60, question="<script>alert(1)</script>\n# What?")
    assert _brief(run).splitlines()[0] == r"# \<script\>alert(1)\</script\> \# What?"


@pytest.mark.parametrize(
    "case",
    [{"scale": 0.0}, {"loss_only": True}, {"complete": False}, {"replications": 1}],
    ids=lambda case: next(iter(case)),
)
def test_whatever_happens_there_is_a_brief(case):
    """H07: without trade, without a whole year and with a single run the page is there."""
    text = _brief(synthetic(**{"replications": 60} | case))
    assert "## Not covered" in text
    assert "nan" not in text.lower().split()
