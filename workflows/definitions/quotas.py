"""Reserved and limited seats: which of those who wait may take the next free one.

A maximum always holds.  A minimum is a reservation: a seat is kept for the group as long as somebody of it waits.
Where reservations of several fields cannot all be kept, as one seat can count for each of them, they give way in the
order of rank, and `faults` says so beforehand as far as it can be known.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.ranking import Ranked
from schemas.selection import GROUPS, Quota

Groups = Mapping[str, str]
Key = tuple[str, str]
Kind = tuple[str, ...]


@dataclass(slots=True)
class Seating:
    """Counts who holds seats, and tells who may take the next one.  Lives inside one allocation.

    Attributes:
        free: How many seats nobody holds.
        held: By group: how many seats it holds.
        waits: By group: how many of it wait.
        maxima: The quotas that limit, by group.
        minima: The quotas that reserve, by field.
    """

    free: int
    held: Counter[Key] = field(default_factory=Counter)
    waits: Counter[Key] = field(default_factory=Counter)
    maxima: Mapping[Key, Quota] = field(default_factory=dict)
    minima: Mapping[str, Sequence[Quota]] = field(default_factory=dict)

    @classmethod
    def under(cls, quotas: Sequence[Quota], free: int) -> "Seating":
        """Give so many free seats, under these quotas."""
        maxima: dict[Key, Quota] = {(quota.field, quota.value): quota for quota in quotas if quota.maximum is not None}
        minima = {name: [quota for quota in quotas if quota.field == name and quota.minimum] for name in GROUPS}
        return cls(free, maxima=maxima, minima={name: found for name, found in minima.items() if found})

    def seat(self, groups: Groups) -> None:
        """Give one of these groups a free seat."""
        self.free -= 1
        self.held.update(keys_of(groups))

    def full(self, groups: Groups) -> Quota | None:
        """Give the maximum that keeps these groups out, if there is one."""
        for key in keys_of(groups) if self.maxima else ():
            quota = self.maxima.get(key)
            if quota is not None and self.held[key] >= (quota.maximum or 0):
                return quota
        return None

    def reserved(self, groups: Groups) -> Quota | None:
        """Give a minimum that the seat has to be kept for, if these groups would take one too many."""
        for name, quotas in self.minima.items():
            wanted = [self._unmet(quota) for quota in quotas]
            value = groups.get(name)
            helps = any(count and quota.value == value for quota, count in zip(quotas, wanted, strict=True))
            if sum(wanted) - helps > self.free - 1:
                return quotas[wanted.index(max(wanted))]
        return None

    def meets_a_need(self, groups: Groups) -> bool:
        """Whether these groups have a reservation that is not met."""
        return any(
            quota.value == groups.get(name) and self._unmet(quota)
            for name in self.minima
            for quota in self.minima[name]
        )

    def _unmet(self, quota: Quota) -> int:
        key = (quota.field, quota.value)
        room = quota.minimum if quota.maximum is None else min(quota.minimum, quota.maximum)
        return min(max(room - self.held[key], 0), self.waits[key])


def fill(seating: Seating, waiting: Iterable[Ranked]) -> Iterator[Ranked]:
    """Give who gets the free seats, one after another: always the best in rank who may take the next one.

    Args:
        seating: The seats; filled as it goes.
        waiting: Who waits, in rank order.
    """
    queues: dict[Kind, list[Ranked]] = defaultdict(list)
    for ranked in waiting:
        queues[_kind(ranked.groups)].append(ranked)
        seating.waits.update(keys_of(ranked.groups))
    for queue in queues.values():
        queue.reverse()
    _give_up_full(seating, queues)
    heads = [(queue[-1].rank, kind) for kind, queue in queues.items()]
    heapq.heapify(heads)
    while seating.free > 0:
        held_back: list[tuple[int, Kind]] = []
        chosen = _next(seating, queues, heads, held_back) or _despite_reservations(seating, queues, held_back)
        if chosen is None:
            return
        ranked = queues[chosen].pop()
        for entry in held_back:
            if entry[1] != chosen:
                heapq.heappush(heads, entry)
        if queues[chosen]:
            heapq.heappush(heads, (queues[chosen][-1].rank, chosen))
        else:
            del queues[chosen]
        seating.waits.subtract(keys_of(ranked.groups))
        seating.seat(ranked.groups)
        if seating.full(ranked.groups):
            _give_up_full(seating, queues)
        yield ranked


def _give_up_full(seating: Seating, queues: dict[Kind, list[Ranked]]) -> None:
    """Let whoever a maximum keeps out wait no more, so that no seat is kept for somebody who may not take it.

    Nobody leaves while seats are filled, so a full group stays full.
    """
    for kind, queue in list(queues.items()):
        if seating.full(queue[-1].groups):
            for ranked in queue:
                seating.waits.subtract(keys_of(ranked.groups))
            del queues[kind]


def _next(
    seating: Seating,
    queues: Mapping[Kind, list[Ranked]],
    heads: list[tuple[int, Kind]],
    held_back: list[tuple[int, Kind]],
) -> Kind | None:
    """Give the kind whose best waits at the lowest rank and may take the next seat."""
    while heads:
        rank, kind = heapq.heappop(heads)
        if kind not in queues:
            continue
        if seating.reserved(queues[kind][-1].groups) is None:
            return kind
        held_back.append((rank, kind))
    return None


def _despite_reservations(
    seating: Seating, queues: Mapping[Kind, list[Ranked]], held_back: Sequence[tuple[int, Kind]]
) -> Kind | None:
    """Where the reservations of several fields exclude each other: the best who has one, else the best."""
    needed = [entry for entry in held_back if seating.meets_a_need(queues[entry[1]][-1].groups)]
    found = min(needed or held_back, default=None)
    return None if found is None else found[1]


def keys_of(groups: Groups) -> tuple[Key, ...]:
    """Give the groups as keys."""
    return tuple(groups.items())


def groups_of(subject: object) -> dict[str, str]:
    """Give the groups that a subject or an event names; an empty one is none."""
    return {name: value for name in GROUPS if (value := getattr(subject, name, ""))}


def _kind(groups: Groups) -> Kind:
    return tuple(groups.get(name, "") for name in GROUPS)


@dataclass(frozen=True, slots=True)
class QuotaFault:
    """Why quotas cannot all hold, in Korean and English."""

    ko: str
    en: str


def faults(quotas: Sequence[Quota], capacity: int, entries: Sequence[Ranked]) -> list[QuotaFault]:
    """Give what cannot hold of these quotas, whatever the order: contradictions, and groups that are too small."""
    found: list[QuotaFault] = []
    counts = Counter(key for ranked in entries for key in keys_of(ranked.groups))
    for quota in quotas:
        name = quota.value
        if quota.maximum is not None and quota.minimum > quota.maximum:
            ko = f"{name}: 최소 {quota.minimum}명이 최대 {quota.maximum}명보다 많습니다."
            found.append(
                QuotaFault(ko, f"{name}: the minimum of {quota.minimum} is above the maximum of {quota.maximum}.")
            )
        if counts[quota.field, name] < quota.minimum:
            count = counts[quota.field, name]
            ko = f"{name}: 최소 {quota.minimum}명이 필요하지만 순위에 있는 사람은 {count}명입니다."
            found.append(QuotaFault(ko, f"{name}: {quota.minimum} are reserved, but only {count} are ranked."))
    for group in GROUPS:
        of_field = [quota for quota in quotas if quota.field == group]
        least = sum(quota.minimum for quota in of_field)
        if least > capacity:
            ko = f"{group}: 최소 인원의 합 {least}명이 정원 {capacity}명보다 많습니다."
            found.append(QuotaFault(ko, f"{group}: the minima add up to {least}, above the {capacity} seats."))
        limits = {quota.value: quota.maximum for quota in of_field if quota.maximum is not None}
        most = sum(
            min(limits.get(value, count), count) for (name, value), count in counts.items() if name == group
        ) + sum(group not in ranked.groups for ranked in entries)
        if most < min(capacity, len(entries)):
            ko = f"{group}: 최대 인원 때문에 {most}명까지만 선발할 수 있어 {capacity}석이 다 차지 않습니다."
            found.append(QuotaFault(ko, f"{group}: the maxima allow {most}, so that {capacity} seats are not filled."))
    return found


__all__ = ["QuotaFault", "Seating", "faults", "fill", "groups_of", "keys_of"]
