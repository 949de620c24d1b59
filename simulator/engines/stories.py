"""Stories: SimPy processes without ceremony, that begin at once and end without an event."""

from collections.abc import Generator
from contextlib import suppress
from typing import Any

from simpy import Event

Story = Generator[Event, Any, None]
"""A generator of events, as for a SimPy process; what a wait comes to is sent back to it."""

Stage = Generator[Event, Any, bool]
"""A part of a story that tells whether the story goes on."""


def tell(story: Story) -> None:
    """Run a story to its first wait, and on from there as its events come.

    A SimPy process costs two events more, one to begin and one to end, and begins a little later.
    A story can be neither interrupted nor waited for; whoever starts one sees its first steps done.
    """
    send = story.send

    def go_on(event: Event) -> None:
        # Written out: a context manager that suppresses costs more than the story's own step.
        try:  # noqa: SIM105
            send(event.value).callbacks.append(go_on)
        except StopIteration:
            pass

    with suppress(StopIteration):
        next(story).callbacks.append(go_on)
