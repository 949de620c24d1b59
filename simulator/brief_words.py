"""The words of a brief: the answer of a run on one page of Markdown."""

import re
from collections.abc import Iterator

from simulator import wording
from simulator.errors import visible
from simulator.input_plots import tornado_title
from simulator.reports import Report, basis
from simulator.scenario.types import Scenario

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~$&!])")


def brief(report: Report, scenario: Scenario) -> str:
    """The page: question, answer, what binds, outside view, three things to know, and the rest."""
    return "\n".join(_lines(report, scenario))


def plain(text: str) -> str:
    """Text that means nothing but itself in Markdown, on one line."""
    return _MARKUP.sub(r"\\\1", visible(" ".join(text.split())))


def _lines(report: Report, scenario: Scenario) -> Iterator[str]:
    answer = report.answer
    yield f"# {plain(answer.question)}"
    yield ""
    yield f"**{plain(report.sentence)}**"
    yield ""
    for warning in answer.warnings:
        yield f"Warning: {plain(warning)}."
        yield ""
    for name, text in basis(scenario, answer):
        yield f"- {name}: {plain(text)}"
    yield ""
    yield "## What binds"
    yield ""
    yield f"{plain(_binding(report))}"
    yield ""
    yield "## How often others managed as much"
    yield ""
    outside = answer.outside
    yield f"{plain(wording.outside_view(outside))}." if outside else "No pair is comparable."
    yield ""
    yield "## Three things to know"
    yield ""
    for number, text in enumerate(_three(report), start=1):
        yield f"{number}. {plain(text)}."
    yield ""
    yield "## Not covered"
    yield ""
    yield f"{plain('; '.join(answer.not_covered) or 'the scenario names nothing')}."
    yield ""
    yield "## How to repeat it"
    yield ""
    yield f"    {visible(report.command)}"
    yield ""
    yield (
        f"Run {answer.run}, {wording.count(answer.replications)} runs, seed {answer.seed}, model "
        f"{answer.model_version}, information of {scenario.information_date}. The whole report is "
        "report.html."
    )
    yield ""


def _binding(report: Report) -> str:
    """The largest losses and the way from potential to realised trade."""
    answer = report.answer
    if not answer.accounts:
        return "There is no potential trade."
    potential, realised = (
        wording.count(round(value))
        for value in (answer.potential_usd_million, answer.realised_usd_million)
    )
    return (
        f"{wording.blocking_words(answer)}; on average USD {realised} million of a potential of "
        f"{potential} million are realised (true flow, FOB)."
    )


def _three(report: Report) -> Iterator[str]:
    """How likely, what it hangs on, and how well that is known."""
    answer = report.answer
    verdict = wording.verdict_words(answer)
    precision = wording.precision_words(answer)
    yield f"{verdict[:1].upper()}{verdict[1:]}; precision {precision}" if verdict else precision
    if answer.largest_deal is not None:
        yield f"The largest deal is {wording.deal_words(answer.largest_deal)}"
    inputs = answer.inputs
    known = f"{inputs.sourced} of {inputs.total} inputs have a source, {inputs.assumed} are assumed"
    yield f"{known}. {tornado_title(report.influences)}" if report.influences else known
