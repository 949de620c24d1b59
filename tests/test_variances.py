"""Variances: what comes of inputs and what of chance, against closed forms."""

import numpy as np
import pytest

from simulator.variances import first, known, of_inputs


def normal(seed, *shape):
    """Standard normal numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("meeting", [0.0, 0.7])
def test_the_share_of_inputs_is_that_of_the_law_of_total_variance(meeting):
    """X + W + c X W has a share 1 / (2 + c^2) from X; 17 of 20 intervals at least hold it."""
    truth, inside, values = 1 / (2 + meeting**2), 0, []
    for seed in range(20):
        x, w = normal(seed, 256), normal(seed + 100, 16)
        grid = x[:, None] + w + meeting * x[:, None] * w
        a, b = normal(seed + 200, 2, 4000)
        part = of_inputs(grid, a + b + meeting * a * b)
        values.append(part.value)
        inside += part.low <= truth <= part.high
    assert inside >= 17
    assert np.mean(values) == pytest.approx(truth, abs=0.03)


def test_noise_that_few_columns_leave_in_the_rows_is_taken_off():
    """With 16 times as much noise as signal in every cell, the share is still 1 / 17."""
    values = []
    for seed in range(40):
        x, y = normal(seed, 256), normal(seed + 100, 2, 4000)
        grid = x[:, None] + 4 * normal(seed + 200, 256, 8)
        values.append(of_inputs(grid, y[0] + 4 * y[1]).value)
    assert np.mean(values) == pytest.approx(1 / 17, abs=0.008)


def test_chance_alone_leaves_nothing_to_know():
    """Rows that share their draws and differ in nothing have a share of zero, exactly."""
    w = normal(1, 16)
    part = of_inputs(np.tile(w, (32, 1)), normal(2, 500))
    assert (part.value, part.low, part.high) == pytest.approx((0, 0, 0), abs=1e-12)


def test_without_chance_everything_can_be_known():
    """An outcome that follows from the inputs alone has a share of one."""
    x = normal(3, 400)
    part = of_inputs(np.tile(x[:200, None], (1, 8)), x)
    assert part.value == pytest.approx(1, abs=0.1)
    assert part.high == 1


def test_what_never_differs_has_no_parts():
    """Where every run says the same, there is nothing to divide."""
    assert of_inputs(np.ones((8, 8)), np.ones(50)) is None
    (part,) = known(np.full((50, 1), 0.5), np.ones(50))
    assert (part.value, part.is_clear) == (0, False)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_the_worth_of_knowing_a_linear_input_is_its_share_of_the_variance(share):
    """The average of 60 estimates is right, and 53 of their intervals at least hold the truth."""
    values, inside = [], 0
    for seed in range(60):
        u = np.random.default_rng(seed).random((1000, 2))
        y = np.sqrt(12 * share / (1 - share)) * u[:, 0] + normal(seed + 500, 1000)
        part = known(u, y)[0]
        values.append(part.value)
        inside += part.low <= share <= part.high
    assert np.mean(values) == pytest.approx(share, abs=0.005)
    assert inside >= 53


def test_a_bent_input_is_worth_as_much():
    """(u - 1/2)^2 goes neither up nor down, and all of it is known with u."""
    u = np.random.default_rng(1).random((2000, 1))
    (part,) = known(u, (u[:, 0] - 0.5) ** 2)
    assert part.value == pytest.approx(1, abs=0.05)


def test_of_many_inputs_that_do_nothing_none_is_worth_anything():
    """Of 300 null inputs, none is clear once the interval holds for all; their average is zero."""
    u = np.random.default_rng(5).random((2000, 300))
    met = (np.random.default_rng(6).random(2000) < 0.4).astype(float)
    parts = known(u, met, 300)
    assert first(parts, [True] * 300) is None
    assert abs(np.mean([part.value for part in parts])) < 0.0003
    assert all(part.low == 0 for part in parts)
    u[:, 7] = (met + u[:, 7]) / 2
    assert first(known(u, met, 300), [True] * 300) == 7
    assert first(known(u, met, 300), [n != 7 for n in range(300)]) is None
