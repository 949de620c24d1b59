"""Stories: processes that begin at once and end without an event."""

import pytest
from simpy import Environment

from simulator.engines.stories import tell


@pytest.fixture
def env():
    """A clock at day 0."""
    return Environment()


def test_first_steps_are_done_at_once(env):
    """Whoever tells a story sees its first steps done before the clock runs."""
    seen = []

    def story():
        seen.append("begun")
        yield env.timeout(2)
        seen.append("ended")

    tell(story())
    assert seen == ["begun"]
    env.run()
    assert seen == ["begun", "ended"]
    assert env.now == 2


def test_story_without_waits_schedules_nothing(env):
    """A story that never waits is over when it is told."""
    seen = []

    def story():
        seen.append("all")
        return
        yield

    tell(story())
    assert seen == ["all"]
    assert env.peek() == float("inf")


def test_a_wait_comes_to_a_value(env):
    """The value of an event is what the wait for it comes to."""
    seen = []

    def story():
        seen.append((yield env.timeout(1, "first")))
        seen.append((yield env.timeout(1, "second")))

    tell(story())
    env.run()
    assert seen == ["first", "second"]


def test_stories_cost_only_the_events_they_wait_for(env):
    """Two stories of three waits are six events, neither more to begin nor to end."""
    steps = 0

    def story():
        for _ in range(3):
            yield env.timeout(1)

    tell(story())
    tell(story())
    while env.peek() < float("inf"):
        env.step()
        steps += 1
    assert steps == 6


def test_equal_times_keep_the_order_of_telling(env):
    """Stories that wake at the same time go on in the order in which they went to wait."""
    seen = []

    def story(name):
        yield env.timeout(1)
        seen.append(name)
        yield env.timeout(0)
        seen.append(name.upper())

    for name in "abc":
        tell(story(name))
    env.run()
    assert seen == [*"abcABC"]


def test_mistakes_are_not_swallowed(env):
    """An error in a story stops the clock; only its end is silent."""

    def story():
        yield env.timeout(1)
        raise ValueError("wrong")

    tell(story())
    with pytest.raises(ValueError, match="wrong"):
        env.run()


def test_stories_tell_others(env):
    """A story may tell another one, and wait for a part of itself."""
    seen = []

    def part():
        yield env.timeout(2)
        return "done"

    def other():
        yield env.timeout(1)
        seen.append("other")

    def story():
        tell(other())
        seen.append((yield from part()))

    tell(story())
    env.run()
    assert seen == ["other", "done"]
