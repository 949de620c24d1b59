"""Deals: the relationship or contract that delivered most in a span of days."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.journal import IntArray, Journal, summed
from simulator.portable import FloatArray
from simulator.specification import Specification
from simulator.trajectory import FIRST_CONTRACT


@dataclass(frozen=True, slots=True)
class Deals:
    """Relationships and contracts that ordered something, in each replication.

    They come in order of stream, flow and number, and after them nobody, so that there is one.
    """

    of: IntArray
    """The deal of each order."""
    replication: IntArray
    stream: IntArray
    flow: IntArray
    partner: IntArray


@dataclass(frozen=True, slots=True)
class LargestDeals:
    """The relationship or contract that delivered most in each span; of nothing where none did."""

    cents: IntArray
    stream: IntArray
    flow: IntArray
    partner: IntArray

    def name(self, spec: Specification, *which: int) -> str:
        """A relationship by its flow, or a contract by its name, and the number."""
        if self.cents[which] == 0:
            return ""
        stream, flow = int(self.stream[which]), int(self.flow[which])
        name = f"{spec.stream(stream)} {int(self.partner[which]) + 1}"
        return name if stream >= FIRST_CONTRACT else f"{spec.flows[flow].name} {name}"

    @property
    def is_contract(self) -> npt.NDArray[np.bool_]:
        """Whether it is a mega-contract."""
        result: npt.NDArray[np.bool_] = (self.stream >= FIRST_CONTRACT) & (self.cents > 0)
        return result

    def by_exporter(self, spec: Specification) -> IntArray:
        """Cents at the exporter, last axis."""
        exporter = spec.exporters[self.flow]
        found: IntArray = self.cents[..., None] * (
            exporter[..., None] == np.arange(len(spec.economies))
        )
        return found


def deals_of(journal: Journal) -> Deals:
    """Number the deals of some trajectories."""
    t, flows = journal.trajectory, len(journal.spec.flows)
    kind, nobody = t.stream * flows + t.flow, (FIRST_CONTRACT + len(journal.spec.contracts)) * flows
    members = np.zeros(nobody + 1, dtype=np.int64)
    np.maximum.at(members, kind, t.partner + 1)
    members[nobody] = 1
    after = np.cumsum(members)
    first, most = after - members, int(after[-1])
    deal = t.replication * most
    deal += first[kind]
    deal += t.partner
    # Of the many who might have ordered something, few have.
    has_ordered = np.zeros(most * math.prod(t.shape), dtype=np.bool_)
    has_ordered[deal] = has_ordered[most - 1 :: most] = True
    of = (np.cumsum(has_ordered) - 1)[deal]
    replication, some = np.divmod(np.flatnonzero(has_ordered), most)
    kind = np.searchsorted(after, some, side="right")
    return Deals(of, replication, kind // flows, kind % flows, some - first[kind])


def largest_deals(journal: Journal, deals: Deals, edges: FloatArray) -> LargestDeals:
    """Find the largest deal of each span between edges; the first where several are as large."""
    t, every = journal.trajectory, np.arange(len(deals.replication))
    span, spans = journal.span(edges, journal.ended)
    axes, cents = [(deals.of, len(every))], journal.delivered_cents
    delivered = summed((spans,), span, cents, axes, t.all_cents)[1:]
    # Deals of a replication are neighbours, so that each replication has its piece of the axis.
    pieces = np.searchsorted(deals.replication, np.arange(math.prod(t.shape)))
    most = np.maximum.reduceat(delivered, pieces, axis=-1)
    is_largest = delivered == most[:, deals.replication]
    first = np.minimum.reduceat(np.where(is_largest, every, len(every)), pieces, axis=-1)
    shape = (*t.shape, spans - 1)
    best = first.T.reshape(shape)
    found = deals.stream[best], deals.flow[best], deals.partner[best]
    return LargestDeals(most.T.reshape(shape), *found)
