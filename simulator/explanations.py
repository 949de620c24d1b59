"""Explanations: what every error code means, and how to put it right."""

import textwrap
from dataclasses import asdict, dataclass

from simulator.errors import CODES

WIDTH = 90
"""Columns of a terminal."""

INDENT = "    "
"""Stands before every line of an example."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a code is told, how to put it right, and the same change written wrong and right.

    An example is the body of a file that extends ``iran-belarus-2023.yaml`` and has a question;
    one that concerns these two lines holds them itself.
    """

    advice: str
    """Why this is refused or warned of, and how to put it right: one to four sentences."""
    wrong: str = ""
    """A text that causes the code; empty where a small one cannot."""
    right: str = ""
    """The same put right."""


def explained(code: str) -> str:
    """What a code means, as a terminal shows it.

    Raises:
        KeyError: there is no such code.

    """
    explanation = EXPLANATIONS[code]
    parts = [f"{code}: {CODES[code]}", textwrap.fill(explanation.advice, WIDTH)]
    for heading, example in (("Wrong", explanation.wrong), ("Right", explanation.right)):
        if example:
            # The tab that one of the examples is about can be seen.
            shown = textwrap.indent(example.rstrip().replace("\t", "<tab>"), INDENT)
            parts.append(f"{heading}:\n{shown}")
    return "\n\n".join(parts)


def listed() -> str:
    """Every code with its short meaning, one a line: errors first, then warnings."""
    lines = {code: f"  {code}  {CODES[code]}" for code in CODES}
    errors = [line for code, line in lines.items() if not code.startswith("S2")]
    warnings = [line for code, line in lines.items() if code.startswith("S2")]
    return "\n".join(["Errors: nothing is run.", *errors, "", "Warnings: it runs.", *warnings])


def tabbed(*codes: str) -> str:
    """Code, short meaning and advice in tab-separated columns, one line a code."""
    return "\n".join(f"{code}\t{CODES[code]}\t{EXPLANATIONS[code].advice}" for code in codes)


def as_data(*codes: str) -> dict[str, dict[str, str]]:
    """Everything known of some codes, by code."""
    return {code: {"meaning": CODES[code], **asdict(EXPLANATIONS[code])} for code in codes}


EXPLANATIONS: dict[str, Explanation] = {
    # --- The file and its text ---
    "S101": Explanation(
        "There is no file of this name. "
        "A name after extends: or history: is looked for from the folder of the file that gives "
        "it, a name on the command line from the folder you are in. "
        "If a file there has nearly this name, the error offers it.",
        wrong="""\
question: Will trade reach 100 million dollars if the rial holds?
extends: iran-belarus-2033.yaml
""",
        right="""\
question: Will trade reach 100 million dollars if the rial holds?
extends: iran-belarus-2023.yaml
""",
    ),
    "S102": Explanation(
        "A folder, or something else that is no ordinary file, stands under this name, or the "
        "computer cannot open it, so there is no text to read. "
        "Give the name of the file itself, such as scenarios/iran-belarus-2023.yaml.",
    ),
    "S103": Explanation(
        "The file holds nothing, or nothing but comments. "
        "A scenario needs at least its question and the scenario that it extends. "
        "If its lines begin with #, take that sign away.",
        wrong="""\
# question: What if payments took two months?
# extends: iran-belarus-2023.yaml
# changes:
#   settlement.payment_days: 60
""",
        right="""\
question: What if payments took two months?
extends: iran-belarus-2023.yaml
changes:
  settlement.payment_days: 60
""",
    ),
    "S104": Explanation(
        "Nothing reads a field of this name in this place, so its value would be lost. "
        "If the name is a slip, the error offers the nearest one.",
        wrong="""\
titel: Iran and Belarus, a longer look
""",
        right="""\
title: Iran and Belarus, a longer look
""",
    ),
    "S105": Explanation(
        "Something that cannot be left out is not stated: the question of a scenario, a field of "
        "a new entry, the exports of an economy, or the edition (hs_edition) of product codes. "
        "Add it; the error shows what may stand there.",
        wrong="""\
extends: iran-belarus-2023.yaml
changes:
  settlement.payment_days: 60
""",
        right="""\
question: What if payments took two months?
extends: iran-belarus-2023.yaml
changes:
  settlement.payment_days: 60
""",
    ),
    "S106": Explanation(
        "The signs of the file do not fit together: a bracket or a quotation mark that is never "
        "closed, a colon and a blank within a text, or lines of one block that begin in different "
        "columns. "
        "Close what is open, put quotation marks around a text with a colon, and let the lines of "
        "a block begin below each other.",
        wrong="""\
changes:
  target.statistics: [iran
""",
        right="""\
changes:
  target.statistics: [iran]
""",
    ),
    "S107": Explanation(
        "The blanks before a line say to which block it belongs, and a tab is of another width on "
        "every screen. "
        "Put two blanks for each step inwards, and one blank after a colon.",
        wrong="""\
changes:
\tsettlement.payment_days: 60
""",
        right="""\
changes:
  settlement.payment_days: 60
""",
    ),
    "S108": Explanation(
        "A line of three dashes begins a second scenario, and a file holds one. "
        "Put each question into a file of its own; both may extend the same scenario.",
        wrong="""\
question: What if payments took two months?
extends: iran-belarus-2023.yaml
changes:
  settlement.payment_days: 60
---
question: What if payments took three months?
extends: iran-belarus-2023.yaml
changes:
  settlement.payment_days: 90
""",
        right="""\
question: What if payments took two months?
extends: iran-belarus-2023.yaml
changes:
  settlement.payment_days: 60
""",
    ),
    "S109": Explanation(
        "The same field stands twice in one block, and nothing says which of the two values is "
        "meant. "
        "Keep one of them; a second question needs a second file.",
        wrong="""\
changes:
  settlement.patience_days: 60
  settlement.patience_days: 120
""",
        right="""\
changes:
  settlement.patience_days: 120
""",
    ),
    "S110": Explanation(
        "The short cuts of YAML (&name, *name, <<: and !name) let a line mean more than it says. "
        "Write the value again where it is needed; what many scenarios share stands in one that "
        "they extend.",
        wrong="""\
changes:
  settlement.channels.prepayment.refusal_share: &low 0.02
  settlement.channels.clearing.refusal_share: *low
""",
        right="""\
changes:
  settlement.channels.prepayment.refusal_share: 0.02
  settlement.channels.clearing.refusal_share: 0.02
""",
    ),
    "S111": Explanation(
        "The field expects another kind of value: a number and not text, say, or a list and not "
        "one word. "
        "The unit stands in the name of the field: write the bare number with a decimal point and "
        "without separators of thousands, and 5 percent as 0.05. "
        "Yes and no are written true and false. "
        "Where the error can guess the number that is meant, it shows how to write it.",
        wrong="""\
changes:
  settlement.payment_days: 60 days
""",
        right="""\
changes:
  settlement.payment_days: 60
""",
    ),
    "S112": Explanation(
        "Lists or blocks stand more than 32 levels deep inside each other; a scenario needs about "
        "eight. "
        "Nearly always a bracket was repeated by mistake: keep one pair.",
        wrong=f"""\
changes:
  not_covered: {31 * "["}services{31 * "]"}
""",
        right="""\
changes:
  not_covered: [services]
""",
    ),
    "S113": Explanation(
        "Some letters of the file are not stored as UTF-8, often because an older program or a "
        "spreadsheet has saved it. "
        "Open it in an editor and save it again with the encoding UTF-8; not a word has to change.",
    ),
    "S114": Explanation(
        "The text holds a sign that cannot be seen: a control character, or a mark that turns the "
        "direction of writing, as comes along with words copied from a Persian page. "
        "Such a sign can make a line look other than it is. "
        "Delete the words around the place that the error shows and type them again; Persian "
        "letters themselves are welcome.",
        wrong="""\
title: "Trade with \\u202bIran\\u202c"
""",
        right="""\
title: "Trade with Iran"
""",
    ),
    "S115": Explanation(
        "Before a colon stands one word or one dotted path, and here stands a list, a block or "
        "nothing. "
        "Write one line for each path.",
        wrong="""\
changes:
  [settlement.payment_days, settlement.patience_days]: 60
""",
        right="""\
changes:
  settlement.payment_days: 60
  settlement.patience_days: 60
""",
    ),
    "S116": Explanation(
        "The number is infinite, undefined or larger than can be reckoned with. "
        "Write a finite number; where you mean that there is no limit, write one that is never "
        "reached.",
        wrong="""\
changes:
  settlement.patience_days: .inf
""",
        right="""\
changes:
  settlement.patience_days: 1000
""",
    ),
    "S117": Explanation(
        "A scenario consists of fields, each a name, a colon and a value, and this file begins "
        "with a list or with bare text. "
        "Take the dashes away, or check that it is the right file.",
        wrong="""\
- question: What if payments took two months?
- extends: iran-belarus-2023.yaml
""",
        right="""\
question: What if payments took two months?
extends: iran-belarus-2023.yaml
""",
    ),
    # --- Numbers and names ---
    "S121": Explanation(
        "The number lies outside what the field can mean: a share runs from 0 to 1, a time or an "
        "amount is not negative, and a list such as target.statistics has at least one entry. "
        "A percentage is written as a share, 5 percent as 0.05. "
        "A number with bounds (low and high) must lie within the range as a whole.",
        wrong="""\
changes:
  settlement.default_share: 5
""",
        right="""\
changes:
  settlement.default_share: 0.05
""",
    ),
    "S122": Explanation(
        "A number is either fixed, by its value, or drawn from one law, and here stand several of "
        "these or none. "
        "Keep one of value, uniform, triangular, normal, lognormal, beta and discrete; kind and "
        "source may stand beside it, and on a lever cost, above 0.",
        wrong="""\
changes:
  settlement.patience_days: {value: 60, uniform: {low: 30, high: 90}}
""",
        right="""\
changes:
  settlement.patience_days: {uniform: {low: 30, high: 90}}
""",
    ),
    "S123": Explanation(
        "The parameters of the law contradict each other: bounds, mode and mean are not in order, "
        "a spread is negative, a median or a shape is not above 0, or values and weights differ "
        "in number. "
        "Put them in order, low first and high last.",
        wrong="""\
changes:
  settlement.patience_days: {triangular: {low: 90, mode: 60, high: 120}}
""",
        right="""\
changes:
  settlement.patience_days: {triangular: {low: 30, mode: 60, high: 120}}
""",
    ),
    "S124": Explanation(
        "Two fields say the same thing in different ways, and exactly one of them must stand: "
        "multiply or add in an effect, signed or rate in a contract, a day or a clock "
        "(median_months and sigma) for a moment. "
        "In a file that extends another one, the fields of that one stay unless you take them "
        "away with null.",
        wrong="""\
changes:
  contracts.oil.signed: 2023-06-01
""",
        right="""\
changes:
  contracts.oil.signed: 2023-06-01
  contracts.oil.rate: null
""",
    ),
    "S125": Explanation(
        "The field takes one of a few words, and the one found is not among them. "
        "The error lists them all; write one of them exactly as it stands there.",
        wrong="""\
changes:
  statistics.iran.calendar: persian
""",
        right="""\
changes:
  statistics.iran.calendar: jalali
""",
    ),
    "S126": Explanation(
        "Names stand in paths, tables and folders, so they are kept plain: up to 64 small "
        "letters, digits and _, in the name of a scenario also - and dots, after a letter or digit "
        "at the beginning. "
        "Economies and currencies have three capital letters, years four digits. "
        "A few names that some computers keep for themselves, such as con, are refused as well.",
        wrong="""\
name: Oil swap
""",
        right="""\
name: oil-swap
""",
    ),
    "S127": Explanation(
        "The shares of goods, of corridors and of settlement channels each divide a whole, so "
        "they must sum to 1; the green and the red lane of customs may sum to less. "
        "Where a share has a law, its middle counts. "
        "When you raise one share, lower another.",
        wrong="""\
changes:
  settlement.channels.clearing.share: 0.30
""",
        right="""\
changes:
  settlement.channels.clearing.share: 0.30
  settlement.channels.prepayment.share: 0.25
""",
    ),
    "S128": Explanation(
        "A good that no corridor carries would never arrive. "
        "Leave it at least one of the corridors that the error lists, with shares that sum to 1.",
        wrong="""\
changes:
  exports.IRN.goods.medicine.corridors.road_az: null
  exports.IRN.goods.medicine.corridors.road_georgia_armenia: null
""",
        right="""\
changes:
  exports.IRN.goods.medicine.corridors.road_az: null
  exports.IRN.goods.medicine.corridors.road_georgia_armenia: 1
""",
    ),
    "S129": Explanation(
        "The amount is more than all countries together exported in 2022, which was 25 trillion "
        "dollars. "
        "A field that ends in usd_million counts in millions: 100 stands for 100 million dollars.",
        wrong="""\
changes:
  target.turnover_usd_million: 150000000
""",
        right="""\
changes:
  target.turnover_usd_million: 150
""",
    ),
    "S131": Explanation(
        "A day is written with its year first, as in 2024-12-31, and must exist, in the years 1900 "
        "to 2500; the closed season of a corridor has no year, as in 12-31. "
        "A year on its own is Gregorian: the Iranian year 1402 is 2023, in which it begins. "
        "In a file that says calendar: jalali all days are Iranian, and a closed season cannot "
        "stand in it.",
        wrong="""\
changes:
  sanctions.us_iran_second_set.lifted: 31/12/2024
""",
        right="""\
changes:
  sanctions.us_iran_second_set.lifted: 2024-12-31
""",
    ),
    "S132": Explanation(
        "This reads as a day of the Iranian calendar, and the file does not say that it uses it. "
        "Write the Gregorian day, which the error shows, or add the line calendar: jalali and "
        "write every day of this file in the Iranian calendar.",
        wrong="""\
changes:
  sanctions.us_iran_second_set.lifted: 1403-10-11
""",
        right="""\
calendar: jalali
changes:
  sanctions.us_iran_second_set.lifted: 1403-10-11
""",
    ),
    "S133": Explanation(
        "A product code of the Harmonized System has 2, 4 or 6 digits without dots, and begins "
        "with one of its chapters, 01 to 97 without 77. "
        "Put quotation marks around it: a number would lose a zero at its beginning.",
        wrong="""\
changes:
  exports.BLR.goods.potash_fertiliser.hs: [3104]
""",
        right="""\
changes:
  exports.BLR.goods.potash_fertiliser.hs: ["3104"]
""",
    ),
    "S134": Explanation(
        "An economy stands by its three letters in ISO 3166, such as IRN or BLR; an English name "
        "is understood too. "
        "Every entry under economies: must be one that this list knows today. "
        "For an economy that does not exist take a code left free for that purpose, such as XAA.",
    ),
    "S135": Explanation(
        "A currency stands by its code in ISO 4217, such as IRR or BYN. "
        "A unit in which people count may have none: ten rials are a toman, and the code is that "
        "of the rial. "
        "It is a label and changes no number.",
        wrong="""\
changes:
  economies.IRN.exchange_rate.currency: IRT
""",
        right="""\
changes:
  economies.IRN.exchange_rate.currency: IRR
""",
    ),
    "S136": Explanation(
        "This edition of the Harmonized System comes into force after the information date, so "
        "no statistics could use it yet. "
        "Take the one that was in force on that day, which the error shows.",
        wrong="""\
hs_edition: HS2028
""",
        right="""\
hs_edition: HS2022
""",
    ),
    "S137": Explanation(
        "The language in which scenarios are written has versions, and this program reads the "
        "first. "
        "A file of a later version needs a newer program; every other is of version 1.",
        wrong="""\
version: 2
""",
        right="""\
version: 1
""",
    ),
    "S138": Explanation(
        "The base flows came about with this channel or corridor, and what they cost then is "
        "needed to tell what a change does; without it nothing would say. "
        "Keep the channel with a share of 0 and give its share to the others, or close the "
        "corridor.",
        wrong="""\
changes:
  settlement.channels.prepayment: null
  settlement.channels.correspondent.share: 0.6
""",
        right="""\
changes:
  settlement.channels.prepayment.share: 0
  settlement.channels.correspondent.share: 0.6
""",
    ),
    "S141": Explanation(
        "Something ends before it begins, such as the horizon, a sanction or another measure; or "
        "the warm-up is not shorter than the horizon. "
        "The years must be in order too: the base year not after the target year or the start of "
        "the horizon, and the target year within the horizon. "
        "Put the two days or years that the error names in order.",
        wrong="""\
changes:
  sanctions.eu_belarus_2022.lifted: 2021-12-31
""",
        right="""\
changes:
  sanctions.eu_belarus_2022.lifted: 2024-12-31
""",
    ),
    "S142": Explanation(
        "A scenario answers with what was known on its information date, and this figure, or the "
        "base year, is of a later year. "
        "Leave it out, or move the information date and bring everything up to it.",
        wrong="""\
changes:
  history.belarus: {_replace_: true, 2022: 101.3, 2024: 150}
""",
        right="""\
changes:
  history.belarus: {_replace_: true, 2022: 101.3}
""",
    ),
    # --- Paths, economies and changes ---
    "S151": Explanation(
        "Nothing in the scenario has this dotted path, so nothing would change. "
        "Follow its names from the left; a * stands for any name, but some path must fit it. "
        "No path leads into a number: name the number and give it its new value or law whole.",
        wrong="""\
changes:
  settlement.chanels.clearing.refusal_share: 0.02
""",
        right="""\
changes:
  settlement.channels.clearing.refusal_share: 0.02
""",
    ),
    "S152": Explanation(
        "Write a change as path=value, as in --set target.turnover_usd_million=120. "
        "Blanks or braces need quotation marks: --set 'settlement.patience_days={value: 60}'. "
        "What is varied is path=values, as in --vary settlement.patience_days=30..120, also after "
        "--slider, and a cost path=number, as in --cost settlement.patience_days=0.5.",
    ),
    "S153": Explanation(
        "The scenario names an economy, a statistics office, a good or a corridor that it does not "
        "define. "
        "Take one of the names that the error lists, or define the new one as well.",
        wrong="""\
changes:
  target.statistics: [tehran]
""",
        right="""\
changes:
  target.statistics: [iran]
""",
    ),
    "S154": Explanation(
        "A scenario is about the trade between two economies. "
        "A third country takes part through what it changes: a corridor, a settlement channel, a "
        "sanction or another measure. "
        "Trade with it is another question, so another scenario.",
        wrong="""\
changes:
  economies.RUS:
    name: Russia
    output_growth_rate: 0.01
    output_volatility: 0.03
    exchange_rate:
      {currency: RUB, depreciation_rate: 0.05, volatility: 0.15, news_jump: 0.1,
       overshoot_months: 9, pass_through_share: 0.9, premium_share: 0,
       premium_response: 0}
    customs:
      {green_share: 0.6, red_share: 0.1, green_days: 0.5, yellow_days: 1, red_days: 5,
       rejection_share: 0.05}
  exports.RUS:
    {last_usd_million: 5, average_usd_million: 5, affinity_volatility: 0.5,
     goods: {}}
""",
        right="""\
changes:
  measures.russian_ports:
    title: Russian ports handle the goods of the two sooner
    at: 2023-07-01
    effects:
      sooner: {path: corridors.caspian_ship.excess_days, multiply: 0.8}
""",
    ),
    "S155": Explanation(
        "Agreements, sanctions and other measures act while a run goes on, and this number holds "
        "from its first day to its last. "
        "Let the effect act on one that may move, such as an affinity, a tariff_share, a "
        "refusal_share or days on the way; or change the number itself under changes:.",
        wrong="""\
changes:
  agreements.trade.effects.steadier:
    {path: corridors.road_az.excess_cv, multiply: 0.8}
""",
        right="""\
changes:
  agreements.trade.effects.steadier:
    {path: corridors.road_az.excess_days, multiply: 0.8}
""",
    ),
    "S156": Explanation(
        "Two changes reach the same path, often one of them by a *, and their order does not "
        "count, so nothing says which is meant. "
        "Name each path in one place only; two overrides that are applied together may not touch "
        "the same one either.",
        wrong="""\
changes:
  corridors.road_*.minimum_days: 9
  corridors.road_az.minimum_days: 7
""",
        right="""\
changes:
  corridors.road_georgia_armenia.minimum_days: 9
  corridors.road_az.minimum_days: 7
""",
    ),
    "S157": Explanation(
        "A scenario that this one extends has an override of the same name, and one name would "
        "mean two things. "
        "Give yours another name, or apply the one that is there.",
    ),
    "S158": Explanation(
        "No override of this name is defined in the file or in what it extends. "
        "Define it under overrides:, or apply one of those that the error lists.",
        wrong="""\
overrides:
  large_account:
    settlement.channels.clearing.clearing.credit_limit_usd_million: 20
apply: [larger_account]
""",
        right="""\
overrides:
  large_account:
    settlement.channels.clearing.clearing.credit_limit_usd_million: 20
apply: [large_account]
""",
    ),
    "S159": Explanation(
        "A block changes the fields that it names and leaves the others, so an empty one changes "
        "nothing. "
        "To take away all that stands there, write {_replace_: true}; to change nothing, leave "
        "the line out.",
        wrong="""\
changes:
  agreements.roadmap.effects: {}
""",
        right="""\
changes:
  agreements.roadmap.effects: {_replace_: true}
""",
    ),
    # --- Files that extend each other ---
    "S161": Explanation(
        "A scenario extends a file that ends in .yaml or .yml, and takes its history from one that "
        "ends in .csv. "
        "Both are read only from near it: from the folder above its own and all within, never "
        "from an address on the internet. "
        "Write the whole name with its ending; copy a file from elsewhere beside the scenario.",
        wrong="""\
question: What if payments took two months?
extends: iran-belarus-2023
""",
        right="""\
question: What if payments took two months?
extends: iran-belarus-2023.yaml
""",
    ),
    "S162": Explanation(
        "A scenario that extends itself, at once or by way of others, has no numbers to begin "
        "with; and more than eight files in a row are too many to follow. "
        "Extend a scenario that stands on its own.",
        wrong="""\
# This is the file what-if.yaml.
question: What if payments took two months?
extends: what-if.yaml
""",
        right="""\
# This is the file what-if.yaml.
question: What if payments took two months?
extends: iran-belarus-2023.yaml
""",
    ),
    "S163": Explanation(
        "A file that extends another one says only how it differs, so blocks and lists are stated "
        "under changes:, by their dotted paths. "
        "Single values, such as question, name, title or replications, stand beside extends:.",
        wrong="""\
settlement:
  payment_days: 60
""",
        right="""\
changes:
  settlement.payment_days: 60
""",
    ),
    "S172": Explanation(
        "A file of published figures has four columns, separated by commas, and its first line is "
        "statistics,year,turnover_usd_million,source. "
        "A panel of trade has the columns year,exporter,importer,usd_million and perhaps others. "
        "A spreadsheet often puts semicolons or tabs instead: save it again as CSV with commas.",
    ),
    "S173": Explanation(
        "A row of published figures gives a statistics office, a year of four digits, the turnover "
        "in million dollars and a source, as in belarus,2022,101.3,National Statistical Committee. "
        "Write the number with a decimal point and not below 0, and put quotation marks around a "
        "source with a comma. "
        "Each office states a year once. "
        "A row of a panel gives a year, two codes of ISO 3166 in capital letters, and million "
        "dollars; each year and direction stands once, and what is not known is left out.",
    ),
    # --- Sizes ---
    "S181": Explanation(
        "The file has more than a million letters, more than 50,000 values, or one text of more "
        "than 10,000 letters, which no scenario needs: it is probably another file. "
        "Take out what is not part of the question. "
        "The option --max-input-size allows a longer file.",
    ),
    "S182": Explanation(
        "What is assumed of growth, politics and institutions says little about trade in fifty "
        "years, so a longer horizon is not simulated unasked. "
        "End it earlier, or allow it with --allow-long.",
        wrong="""\
changes:
  horizon.end: 2080-12-31
""",
        right="""\
changes:
  horizon.end: 2030-12-31
""",
    ),
    "S183": Explanation(
        "So many replications take very long and tell hardly more. "
        "A thousand give a probability to within about three percentage points, ten thousand to "
        "within one. "
        "Ask for fewer, or raise the limit with --max-replications.",
        wrong="""\
replications: 20000000
""",
        right="""\
replications: 2000
""",
    ),
    "S184": Explanation(
        "Every order is followed from payment to delivery, and these numbers make more than a "
        "million of them in each replication. "
        "Often a unit is wrong: order_cost_usd counts dollars, relationship_usd_million millions. "
        "Larger numbers there make fewer orders, and so do smaller flows and a shorter horizon.",
        wrong="""\
changes:
  exports.*.goods.*.order_cost_usd: 0.005
""",
        right="""\
changes:
  exports.*.goods.*.order_cost_usd: 5000
""",
    ),
    "S191": Explanation(
        "Whoever reaches the scheduler of a Dask cluster can run programs on it, and tcp does not "
        "ask who it is. "
        "Use tls:// with certificates, or a tunnel that ends at 127.0.0.1; in a network that only "
        "you can reach, --insecure-cluster allows it.",
    ),
    "S192": Explanation(
        "The outside view counts how often pairs with about the turnover of the base year had the "
        "target's as many years later. "
        "There must be trade in the base year, and one to five years between the base and the "
        "target; with --panel there must be ten such pair-years at least.",
    ),
    "S193": Explanation(
        "A difference between two runs says something only where their numbers mean the same: "
        "the same target year, statistics and calendar, valuation, horizon, version of the model "
        "and scheme of draws. "
        "Run one of the scenarios again with those of the other, for instance with "
        "--set target.year=2026.",
    ),
    "S194": Explanation(
        "General equilibrium is computed from a square: what every economy sold to every economy, "
        "itself included, in one year. "
        "Every flow is a number of 0 or more, everybody sells and buys something, and at home too. "
        "No equilibrium is told where the surplus of an economy, which is held, would be more than "
        "it earns.",
    ),
    "S195": Explanation(
        "Calibration narrows laws: an input needs one, and one of any number between two, not of "
        "single values; give a fixed number a law that says how unsure it is. "
        "Numbers under which the base flows came about, such as tariffs and fees, are not fitted, "
        "because a fitted law would count as a change from then on: correct the file itself. "
        "A series tells something with two years of one office, one year of two, or a year from "
        "the base on.",
    ),
    "S196": Explanation(
        "A sensitivity tells how the answer changes within the laws of uncertain inputs, and every "
        "number of this scenario is fixed. "
        "Give a law to the numbers that are not known, such as "
        "settlement.patience_days: {triangular: {low: 30, mode: 60, high: 120}}. "
        "The page of sim run --explore takes its sliders from them, unless --slider names others.",
    ),
    # --- Warnings ---
    "S201": Explanation(
        "The target is a whole year by the calendar of each statistics office, and the horizon "
        "does not cover all of it. "
        "The Iranian year that begins in 2023 lasts until 19 March 2024: let the horizon end "
        "after the last of the years.",
        wrong="""\
changes:
  horizon.end: 2024-01-31
""",
        right="""\
changes:
  horizon.end: 2024-03-31
""",
    ),
    "S202": Explanation(
        "A corridor that no good takes, a statistics office by which nothing is judged, or a "
        "ratification beside a stated in_force changes nothing in the answer. "
        "Often the other half of a change is missing: the goods that are to take the new corridor. "
        "Use it, or leave it out.",
        wrong="""\
changes:
  corridors.air:
    {title: By air, minimum_days: 2, excess_days: 1, excess_cv: 1,
     freight_usd_per_tonne: 2500}
""",
        right="""\
changes:
  corridors.air:
    {title: By air, minimum_days: 2, excess_days: 1, excess_cv: 1,
     freight_usd_per_tonne: 2500}
  exports.IRN.goods.medicine.corridors: {road_az: 0.4, air: 0.2}
""",
    ),
    "S203": Explanation(
        "The day lies after the horizon ends, or something ends before the horizon starts, so it "
        "has no effect on the answer; or a measure that was in effect before the start is new "
        "here or taken out, which counts from the start on. "
        "Look whether the year is meant; if it is, let the horizon reach it. "
        "To end a measure on a day, state lifted: or until: instead of taking it out.",
        wrong="""\
changes:
  sanctions.us_iran_second_set.lifted: 2030-01-01
""",
        right="""\
changes:
  sanctions.us_iran_second_set.lifted: 2024-01-01
""",
    ),
    "S204": Explanation(
        "The law can give one number only, because its bounds are equal or its spread is 0. "
        "If you know the number, write it plainly; if you do not, widen the law.",
        wrong="""\
changes:
  settlement.payment_days: {uniform: {low: 60, high: 60}}
""",
        right="""\
changes:
  settlement.payment_days: {uniform: {low: 45, high: 75}}
""",
    ),
    "S205": Explanation(
        "A lognormal law with a sigma of 1.5 or more has a mean more than three times its median: "
        "a few huge draws make the average, which takes very many replications to settle. "
        "Sigma is a spread of logarithms; with 0.5, two draws in three lie within a factor of 1.65 "
        "of the median. "
        "Lower it, or take a law with bounds.",
        wrong="""\
changes:
  contracts.oil.size_usd_million: {lognormal: {median: 30, sigma: 2}}
""",
        right="""\
changes:
  contracts.oil.size_usd_million: {lognormal: {median: 30, sigma: 0.5}}
""",
    ),
    "S206": Explanation(
        "An economy has been understood by its name or its two letters; paths and results call it "
        "by its three letters in ISO 3166. "
        "Write these, so that everyone finds the same path.",
        wrong="""\
changes:
  economies.Iran.output_growth_rate: 0.03
""",
        right="""\
changes:
  economies.IRN.output_growth_rate: 0.03
""",
    ),
    "S207": Explanation(
        "The bounds leave out more than a tenth of the normal law, so what is drawn has a smaller "
        "spread than its sd, and perhaps another mean. "
        "Widen the bounds, lower the sd, or take a triangular or a uniform law.",
        wrong="""\
changes:
  economies.IRN.output_growth_rate:
    normal: {mean: 0.02, sd: 0.05, low: 0.0, high: 0.06}
""",
        right="""\
changes:
  economies.IRN.output_growth_rate:
    normal: {mean: 0.02, sd: 0.02, low: -0.06, high: 0.07}
""",
    ),
    "S208": Explanation(
        "The field has been given a new name; the old one is understood for a while. "
        "Write the new one, which the warning shows, before the old one is refused.",
        wrong="""\
changes:
  agreements.eaeu_free_trade.signing_share: 0.9
""",
        right="""\
changes:
  agreements.eaeu_free_trade.signed.ever_share: 0.9
""",
    ),
    "S209": Explanation(
        "At the base flows, payments reach this channel at least as fast as it can set them up, so "
        "more and more orders wait until their buyers lose patience. "
        "Raise slots, lower processing_days or the share of the channel, or limit those who wait "
        "by queue_limit. "
        "If the shortage is what you ask about, leave it.",
        wrong="""\
changes:
  settlement.channels.correspondent.slots: 2
""",
        right="""\
changes:
  settlement.channels.correspondent.slots: 12
""",
    ),
    "S210": Explanation(
        "The number is used as it is, but lies outside the usual range, which the warning shows. "
        "Often it is in another unit: freight is in dollars a tonne and not a container, a time in "
        "days and not hours, a tariff a share and not a percentage. "
        "If it is meant, leave it.",
        wrong="""\
changes:
  corridors.east_rail.minimum_days: 150
""",
        right="""\
changes:
  corridors.east_rail.minimum_days: 15
""",
    ),
    "S211": Explanation(
        "The flows of the base year sum to more than three times what the same statistics office "
        "published for that year, or to less than a third of it. "
        "Often a decimal point has moved, or one direction is missing. "
        "Correct last_usd_million under exports, or the figure in the history.",
        wrong="""\
changes:
  exports.BLR.last_usd_million: 8.13
""",
        right="""\
changes:
  exports.BLR.last_usd_million: 81.3
""",
    ),
    "S212": Explanation(
        "The base has a flow out of this economy, but none of its goods has a share of it, so "
        "that nothing is traded in this direction. "
        "Give the goods their shares, which sum to 1, or set the flow itself to 0.",
        wrong="""\
changes:
  exports.BLR.goods.*.share: 0
""",
        right="""\
changes:
  exports.BLR.goods.*.share: 0.2
""",
    ),
    "S213": Explanation(
        "The source names a year that had not begun when the scenario says that its information "
        "ends, so that the answer would know more than it claims. "
        "Take a source of the time, or move information_date and judge a later target.",
        wrong="""\
changes:
  settlement.patience_days: {value: 60, source: "a survey of buyers in 2024"}
""",
        right="""\
changes:
  settlement.patience_days: {value: 60, source: "a survey of buyers in 2022"}
""",
    ),
    "S214": Explanation(
        "The new amount, price or time is twenty times the one that it replaces or more, or a "
        "twentieth of it or less. "
        "Often dollars stand where millions are meant, or tonnes where kilograms are. "
        "If it is meant, leave it: this warns and changes nothing.",
        wrong="""\
changes:
  settlement.channels.clearing.clearing.credit_limit_usd_million: 5000
""",
        right="""\
changes:
  settlement.channels.clearing.clearing.credit_limit_usd_million: 50
""",
    ),
}
"""What is told of every code, in the order of the codes."""
