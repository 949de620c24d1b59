"""A panel that follows a gravity equation exactly, so that tests know what must be found."""

import itertools
import math

import numpy as np

CODES = ("ARM", "BLR", "DEU", "IRN", "POL", "RUS", "TUR", "UKR")
PAIR = {"BLR", "IRN"}
YEARS = range(2010, 2023)
LAW = {"log_distance": -0.9, "contig": 0.5, "comlang_off": 0.3, "colony": 0.2}


def distance_km(one, other):
    """Made up, the same both ways."""
    return 400.0 + 700.0 * abs(CODES.index(one) - CODES.index(other)) ** 1.3


def ties(one, other):
    """A border, a language, a colonial tie: made up, and not the same for all."""
    places = CODES.index(one) + CODES.index(other), CODES.index(one) * CODES.index(other)
    return int(places[0] % 4 == 1), int(places[1] % 3 == 0), int(places[0] % 5 == 0)


def flow(one, other, year):
    """Million dollars: sizes of both in the year, and the law."""
    size = [1.0 + CODES.index(code) + 0.1 * (year - 2010) for code in (one, other)]
    binding = zip(list(LAW.values())[1:], ties(one, other), strict=True)
    log = LAW["log_distance"] * math.log(distance_km(one, other))
    return 2e3 * size[0] * size[1] ** 0.8 * math.exp(log + sum(much * tie for much, tie in binding))


def write_panel(folder, pair=1.0):
    """The panel as files; ``pair`` makes trade between Belarus and Iran larger or smaller."""
    ways = list(itertools.permutations(CODES, 2))
    tables = {
        "trade.csv": [
            "year,exporter,importer,usd_million",
            *(
                f"{year},{a},{b},{flow(a, b, year) * (pair if {a, b} == PAIR else 1.0):.12g}"
                for year in YEARS
                for a, b in ways
            ),
        ],
        "macro_gdp_cpi_fx.csv": [
            "year,iso3,variable,value",
            *(
                f"{year},{code},gdp_usd_bn_weo,{5.0 + 3.0 * n + 0.2 * (year - 2010)}"
                for year in YEARS
                for n, code in enumerate(CODES)
            ),
        ],
        "pairs_geo.csv": [
            "exporter,importer,contig,comlang_off,colony,dist_popweighted_km",
            *(
                f"{a},{b},{','.join(map(str, ties(a, b)))},{distance_km(a, b):.12g}"
                for a, b in ways
            ),
        ],
    }
    for name, lines in tables.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def exports(code, year):
    """All that an economy sells abroad."""
    return float(np.sum([flow(code, other, year) for other in CODES if other != code]))
