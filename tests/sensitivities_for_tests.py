"""Toys with known answers in the place of a scenario: turnover as a function of its inputs."""

import numpy as np

from simulator.conditioning import shares
from simulator.indices import design, indices
from simulator.sensitivities import Input, Study, studied

SEED = 7


def asked(count, *, target=0.0, paths=None, **options):
    """A study of inputs x0, x1 and so on, whose laws are uniform from 0 to 1."""
    paths = paths or tuple(f"x{n}" for n in range(count))
    inputs = tuple(Input(path, 0.1, 0.9) for path in paths)
    usual = {"seed": SEED, "replications": 200, "top": count}
    return Study("toy", 2023, "statistics of Belarus", target, inputs, paths, **(usual | options))


def toy(function, paths, calls=None):
    """Asks a function of inputs in (0, 1) and of noise, drawn by name as a scenario draws them."""

    def ask(settings, replications, seed):
        if calls is not None:
            calls.append((len(settings), replications, seed))
        drawn = shares(paths, seed, range(replications))
        noise = shares(["noise"], seed, range(replications))[:, 0]
        found = []
        for setting in settings:
            x = drawn.copy()
            for place, path in enumerate(paths):
                known = {**setting.known, **setting.moved}
                if path in known:
                    x[:, place] = known[path]
            found.append(function(x, noise))
        return found

    return ask


def ishigami(places):
    """Ishigami and Homma (1990), of inputs in (0, 1), the fourth of which does nothing."""
    x = np.pi * (2 * places[:, :3] - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def found_of(function, inputs, points):
    """Sobol's indices of a function by place and name."""
    tried = design("sobol", inputs, points)
    return {(one.place, one.name): one for one in indices("sobol", tried, function(tried))}


LONGEST = "exports.IRN.goods.plastics_petrochemicals.relationship_usd_million"
PATHS = (LONGEST, *(f"settlement.channels.bank{n}.refusal_share" for n in range(3)), "base.rest")


def noisy(x, noise):
    """Turnover that the first input raises, the second lowers, and the others leave alone."""
    return np.exp(4.5 + 0.5 * x[:, 0] - 0.3 * x[:, 1] + 0.6 * (noise - 0.5))


def example(method="tornado", **options):
    """A sensitivity with effects up, down and none."""
    usual = {
        "target": 100.0,
        "replications": 20,
        "points": 256 if method == "sobol" else 8,
    } | options
    if method == "tornado":
        usual |= {"replications": 400, "points": None} | options
    study = asked(len(PATHS), paths=PATHS, method=method, **usual)
    return studied(study, toy(noisy, PATHS))
