"""What must hold of the seats, kept as a clerk would: by hand, from what the round heard and whom it offered a seat.

Nothing here calls `definitions.seats` or `definitions.quotas`.  The history is decided again only to see what the round
itself believes after each entry; the clerk's book has to agree.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.events import EVENTS
from schemas.facts import fact_fields
from schemas.ids import CaseId, FactId
from schemas.messages import Case, Entry, Message
from schemas.round import Round
from schemas.selection import Quota
from workflows.engine.decide import Standing, decide
from workflows.runtime.advance import pinned
from workflows.runtime.ports import Ports
from workflows.runtime.verify import verify

HOLDING = {"offered", "accepted", "enrolled"}
SEATED = {"accepted", "enrolled"}
Histories = Mapping[CaseId, Sequence[Entry]]

OWN_DOING = {"declined", "withdrawn", "vacated"}
"""How the one with a seat, or with an answer given in time, gives it back."""


@dataclass
class Book:
    """The seats of one round, by hand.

    Attributes:
        waiting: Who waits in order, best first.
        passed_over: Why somebody with a better rank was not offered the seat, and how often.
        wrong: What does not hold.
    """

    capacity: int
    waitlist: int
    quotas: Sequence[Quota]
    group: Mapping[str, str]
    order: list[str] = field(default_factory=list)
    offers: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    extra: set[str] = field(default_factory=set)
    claims: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    parked: dict[str, Message] = field(default_factory=dict)
    by_rank: Counter[str] = field(default_factory=Counter)
    by_grant: Counter[str] = field(default_factory=Counter)
    grants: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    # ---- what is heard

    def hear(self, entry: Entry) -> None:
        """Write one entry of the round into the book, and compare whom it offers a seat."""
        if entry.verdict == "parked":
            self.parked[entry.message.id] = entry.message
        offered = [(case, int(own["rank"])) for case, own in offers_of(entry)]
        expected = self.take(entry.message, entry.stage) if entry.verdict == "applied" else []
        if offered != expected:
            self.say(entry, f"offers {named(offered)}, by hand {named(expected)}")
        for case, rank in offered:
            self.offer(case, rank, entry)
        if is_publication(entry.message):
            self.waiting = self.waiting[: self.waitlist]
        for step in entry.steps:
            if step.message in self.parked and not step.clause.startswith("parked."):
                self.take(self.parked.pop(step.message), entry.stage)

    def take(self, message: Message, stage: str) -> list[tuple[str, int]]:
        """Write down what a message changes, and give whom the free seats go to then."""
        about, returns = str(message.data.get("application", "")), int(message.data.get("returns", 0))
        match message.type:
            case "TimerRang" if is_publication(message):
                self.waiting = [each for each in self.order if each not in self.left]
            case "SeatReturned":
                if about not in self.settled or returns > self.settled[about]:
                    self.give_back(about, returns)
            case "SeatClaimed" if returns <= self.settled.get(about, -1) and about in self.offers | self.taken:
                return []  # the seat over capacity that followed the claim was faster
            case "SeatClaimed":
                self.grants[about] += 1
                self.give_back(about, returns)
                self.settled[about] = returns
                self.claims.append(about)
            case "SeatAdded":
                return self.add(about, returns)
            case "SeatTaken" if about in self.offers:
                self.offers.remove(about)
                self.taken.add(about)
                return []
            case _:
                return []
        return self.whom() if stage == "published" else []

    def give_back(self, case: str, returns: int) -> None:
        for held in (self.offers, self.taken, self.extra):
            held.discard(case)
        self.claims = [each for each in self.claims if each != case]
        self.waiting = [each for each in self.waiting if each != case]
        self.left[case] = returns

    def add(self, case: str, returns: int) -> list[tuple[str, int]]:
        """Write down a seat over capacity; whoever holds one already needs no second."""
        self.grants[case] += 1
        if case in self.offers | self.taken:
            return []
        self.give_back(case, returns)
        self.settled[case] = returns
        self.extra.add(case)
        return [(case, 0)]

    def offer(self, case: str, rank: int, entry: Entry) -> None:
        if rank:
            self.by_rank[case] += 1
            if self.by_rank[case] > 1 or case in self.left:
                self.say(entry, f"[{case}] is offered a seat by rank twice, or after it had left")
            if self.order.index(case) + 1 != rank:
                self.say(entry, f"[{case}] is offered a seat under rank {rank}")
        else:
            self.by_grant[case] += 1
            if self.by_grant[case] > self.grants[case]:
                self.say(entry, f"[{case}] is offered a seat that nobody granted")
        self.offers.add(case)
        self.claims = [each for each in self.claims if each != case]
        self.waiting = [each for each in self.waiting if each != case]

    # ---- whom the free seats go to

    def whom(self) -> list[tuple[str, int]]:
        """Give whom the free seats go to: who has a claim, then the best in rank, and why not the better ones."""
        held = Counter(self.group.get(case, "") for case in (self.offers | self.taken) - self.extra)
        free = self.capacity - len((self.offers | self.taken) - self.extra)
        chosen: list[tuple[str, int]] = []
        for case in self.claims:
            if free > 0 and not self.is_full(case, held):
                chosen.append((case, 0))
                held[self.group.get(case, "")] += 1
                free -= 1
        queue = list(self.waiting)
        while free > 0:
            open_to = [case for case in queue if not self.is_full(case, held)]
            needs = {quota.value: self.needs(quota, open_to, held) for quota in self.quotas if quota.minimum}
            if sum(needs.values()) >= free:
                fitting = [case for case in open_to if needs.get(self.group[case])]
            else:
                fitting = open_to
            if not fitting:
                break
            best = fitting[0]
            for passed in queue[: queue.index(best)]:
                why = "a maximum is reached" if self.is_full(passed, held) else "the seat is reserved"
                self.passed_over[why] += 1
            queue.remove(best)
            chosen.append((best, self.order.index(best) + 1))
            held[self.group[best]] += 1
            free -= 1
        return chosen

    def is_full(self, case: str, held: Counter[str]) -> bool:
        value = self.group.get(case, "")
        return any(
            quota.value == value and quota.maximum is not None and held[value] >= quota.maximum for quota in self.quotas
        )

    def needs(self, quota: Quota, open_to: Sequence[str], held: Counter[str]) -> int:
        waiting = sum(self.group[case] == quota.value for case in open_to)
        return min(max(quota.minimum - held[quota.value], 0), waiting)

    # ---- what has to hold after each entry

    def compare(self, entry: Entry, held: Round) -> None:
        """Compare the book with what the round believes, and both with the rules."""
        if len(held.offers) + len(held.taken) - len(held.extra) > self.capacity:
            self.say(entry, f"{len(held.offers)} offers and {len(held.taken)} taken are over {self.capacity} seats")
        if len((self.offers | self.taken) - self.extra) > self.capacity:
            self.say(entry, "by hand there are more holders than seats")
        counted = Counter(self.group.get(case, "") for case in {*held.offers, *held.taken} - set(held.extra))
        for quota in self.quotas:
            if quota.maximum is not None and counted[quota.value] > quota.maximum:
                self.say(entry, f"[{quota.value}] holds {counted[quota.value]} of {quota.maximum}")
        ours = (self.offers, self.taken, self.extra, self.claims, self.left)
        its = (set(held.offers), set(held.taken), set(held.extra), list(held.claims), dict(held.left))
        for name, mine, theirs in zip(("offers", "taken", "extra", "claims", "left"), ours, its, strict=True):
            if mine != theirs:
                self.say(entry, f"{name}: the round has {theirs}, by hand {mine}")
        if len(held.taken) != len(set(held.taken)) or set(held.taken) & set(held.offers):
            self.say(entry, "somebody holds two seats")

    def say(self, entry: Entry, what: str) -> None:
        """Write down what does not hold, and at which entry."""
        self.wrong.append(f"round entry {entry.seq} ({entry.message.type}): {what}")


def named(offered: Sequence[tuple[str, int]]) -> list[str]:
    return [f"{rank}:{case[:6]}" for case, rank in offered]


def is_publication(message: Message) -> bool:
    """Tell whether the message is the timer that publishes the results."""
    return message.type == "TimerRang" and message.data["key"] == "approved.results_at"


def offers_of(entry: Entry) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the offers that an entry makes, in their order."""
    for effect in entry.effects:
        if effect.type == "OfferMade":
            yield from effect.targets.items()


@dataclass(frozen=True)
class Audit:
    """What an audit of one round found.

    Attributes:
        entries: How many entries were looked at, of all cases.
        offers: How many offers were made.
        claims: How many claims staff granted, appeals among them.
        in_time: How many acceptances were given while the offer was open.
        passed_over: Why somebody with a better rank was passed over, and how often.
        wrong: What does not hold; nothing, if all is well.
    """

    entries: int
    offers: int
    claims: int
    in_time: int
    passed_over: Counter[str]
    wrong: list[str]


def audit(ports: Ports, round_id: CaseId, in_time: Mapping[str, Message]) -> Audit:
    """Look at a round that is over, and at everybody who applied.

    Args:
        ports: Where everything is kept.
        round_id: The round.
        in_time: The acceptances that were given while the offer was open, by message id.
    """
    applications = {case.id: case for case in ports.cases.find(workflow="application", round_id=round_id)}
    histories = {case: _entries(ports, case) for case in applications}
    group: dict[str, str] = {str(case): str(found.data["university"]) for case, found in applications.items()}
    entries, book = 0, None
    held: Round | None = None
    for entry, held in _lived_again(ports, round_id):
        book = book or Book(held.terms.capacity, held.terms.waitlist, held.selection.quotas, group)
        if held.ranking is not None and not book.order:
            book.order = [ranked.application for ranked in held.ranking.document.entries]
        book.hear(entry)
        book.compare(entry, held)
        entries += 1
    assert book is not None
    assert held is not None
    wrong = [*book.wrong, *_ends(applications, held), *_unheard(in_time, applications, histories)]
    cases = [*applications.values(), *_others(ports, applications, histories)]
    for count, finding in verify(cases, ports.cases, ports.facts):
        entries += count
        if finding is not None:
            wrong.append(f"[{finding.case}]: {finding.text}")
    offers = sum(book.by_rank.values()) + sum(book.by_grant.values())
    return Audit(entries, offers, sum(book.grants.values()), len(in_time), book.passed_over, wrong)


def _lived_again(ports: Ports, round_id: CaseId) -> Iterator[tuple[Entry, Round]]:
    """Decide each entry of the round again, and give it with the round after it."""
    standing: Standing | None = None
    for text, sealed in ports.cases.history(round_id):
        entry = Entry.model_validate_json(text)
        if standing is None:
            name, version, fingerprint = entry.definition.split("/")
            workflow = pinned(name, int(version), fingerprint)
        fields = fact_fields(EVENTS[entry.message.type])
        facts = ports.facts.get([FactId(entry.message.data[name]) for name in fields])
        after = decide(workflow, standing, entry.message, entry.heard_at, facts).after
        standing = after._replace(hash=sealed)
        assert isinstance(after.subject, Round)
        yield entry, after.subject


def _ends(applications: Mapping[CaseId, Case], held: Round) -> Iterator[str]:
    """In the end whoever is seated is among the taken, and the other way round; and nobody is left in between."""
    seated = {case for case, found in applications.items() if found.stage in SEATED}
    for case in seated ^ set(held.taken):
        yield f"[{case}] is {applications[case].stage}, and {'' if case in held.taken else 'not '}among the taken"
    for case, found in applications.items():
        if not found.is_final:
            yield f"[{case}] is still {found.stage}"


def _unheard(
    in_time: Mapping[str, Message], applications: Mapping[CaseId, Case], histories: Histories
) -> Iterator[str]:
    """Whoever accepted in time has a seat, or a claim that a person decided on, and was told if it is no seat."""
    for message in in_time.values():
        history, stage = histories[message.case], applications[message.case].stage
        place = next((place for place, entry in enumerate(history) if entry.message.id == message.id), None)
        if place is None:
            yield f"[{message.case}] accepted in time, and no entry says so"
            continue
        went_to = {step.to for entry in history[: place + 1] for step in entry.steps}
        if went_to & (SEATED | OWN_DOING) or stage in OWN_DOING:
            continue
        if "claim_proposed" not in went_to:
            why = history[place].reason or history[place].steps
            yield f"[{message.case}] accepted in time, and got no claim: {why}"
        decided = [entry for entry in history if {"claiming", "claim_refused"} & {step.to for step in entry.steps}]
        if not decided or decided[0].message.actor.kind != "staff":
            yield f"[{message.case}] accepted in time, and no person decided on its claim"
        told = {effect.type for entry in history for effect in entry.effects if effect.kind == "notice"}
        if stage not in SEATED and "ClaimRefused" not in told:
            yield f"[{message.case}] accepted in time, is {stage}, and was not told why"


def _others(ports: Ports, applications: Mapping[CaseId, Case], histories: Histories) -> Iterator[Case]:
    """Give the cases that the applications wrote to, or heard from: the round, enrolments, appeals."""
    named: set[str] = set()
    for entry in (entry for history in histories.values() for entry in history):
        named |= {case for effect in entry.effects if effect.kind == "event" for case in effect.targets}
        named |= {entry.message.actor.id} if entry.message.actor.kind == "case" else set()
    for case in sorted(named - applications.keys()):
        seen = ports.cases.get(CaseId(case))
        if seen is not None:
            yield seen.case


def _entries(ports: Ports, case: CaseId) -> list[Entry]:
    return [Entry.model_validate_json(text) for text, _ in ports.cases.history(case)]


__all__ = ["HOLDING", "Audit", "Book", "audit"]
