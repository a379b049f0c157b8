"""300 acceptances at once: 20 open offers, repeats, and people who have none."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from schemas.events.application import OfferAccepted
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Case, Entry, Message
from schemas.round import Round
from tests.support.network import Network
from workflows.engine.history import notices_of
from workflows.runtime.ports import Ports

MESSAGES, OPEN_OFFERS = 300, 20
LETTER_SECONDS_MAX = 60.0


@dataclass(frozen=True)
class Rush:
    """What became of it.

    Attributes:
        accepted: How many of the open offers were accepted.
        taken: How many seats are taken, of how many.
        unheard: How many messages have no entry.
        strangers: Who got a seat without an offer.
        confirmed: How many letters confirm a seat.
        letters: How many letters were written in all.
        unwritten: How many were ordered, and are not there.
        verdicts: What became of the messages.
        sent_seconds: How long it took to hand them all over.
        answered_seconds: How long until everybody was answered, letters included where they are written.
    """

    accepted: int
    taken: tuple[int, int]
    unheard: int
    strangers: int
    confirmed: int
    letters: int
    unwritten: int
    verdicts: Counter[str]
    sent_seconds: float
    answered_seconds: float


def rush(network: Network, round_id: CaseId, seed: int = 300) -> Rush:
    """Let ten accept in peace, and then everybody at once; give what became of it once nothing is on its way."""
    ports, chance = network.ports, Random(seed)
    offered = sorted(
        ports.cases.find(workflow="application", stage="offered", round_id=round_id),
        key=lambda case: case.data["rank"] or 0,
    )
    early, racing = offered[:-OPEN_OFFERS], offered[-OPEN_OFFERS:]
    ports.publisher.publish([_acceptance(case, "early", network) for case in early], [])
    network.settle()
    messages = _everybody(racing, list(ports.cases.find(workflow="application", round_id=round_id)), chance, network)
    lanes = [messages[start::8] for start in range(8)]

    def send(lane: list[Message]) -> None:
        for message in lane:
            ports.publisher.publish([message], [])

    begun_at = time.monotonic()
    network.each(send, lanes)
    sent_at = time.monotonic()
    network.settle()
    entries = [ports.cases.entry(message.case, message.id) for message in messages]
    ordered = _letters(entries, ports)
    written = _written(ordered, ports)
    done_at = time.monotonic()
    seated = {case.id for case in ports.cases.find(workflow="application", stage="accepted", round_id=round_id)}
    seen = ports.cases.get(round_id)
    assert seen is not None
    held = Round.model_validate_json(seen.case.subject)
    return Rush(
        accepted=len(seated & {case.id for case in racing}),
        taken=(len(held.taken), held.capacity),
        unheard=sum(entry is None for entry in entries),
        strangers=len(seated - {case.id for case in offered}) + len(set(held.taken) ^ seated),
        confirmed=sum(kind == "AcceptanceReceived" for kind in written.values()),
        letters=len(written),
        unwritten=len(ordered) - len(written),
        verdicts=Counter(str(entry.verdict) for entry in entries if entry is not None),
        sent_seconds=sent_at - begun_at,
        answered_seconds=done_at - begun_at,
    )


def _everybody(racing: list[Case], others: list[Case], chance: Random, network: Network) -> list[Message]:
    """Give 300 messages: each racer five times, two of them the very same; and whoever has no offer."""
    messages = []
    for case in racing:
        first, *more = [_acceptance(case, f"try {number}", network) for number in range(4)]
        messages += [first, first, *more]
    without = [case for case in others if case not in racing]
    while len(messages) < MESSAGES:
        messages.append(_acceptance(chance.choice(without), f"hope {len(messages)}", network))
    chance.shuffle(messages)
    return messages


def _letters(entries: Sequence[Entry | None], ports: Ports) -> dict[str, str]:
    """Give the letters to applicants that the entries order, each with its notice."""
    ordered: dict[str, str] = {}
    for entry in filter(None, entries):
        seen = ports.cases.get(entry.message.case)
        assert seen is not None
        told = [notice for notice in notices_of(entry, seen.case) if notice.role == "applicant"]
        ordered |= {name_of(notice.id, notice.person): notice.type for notice in told}
    return ordered


def _written(ordered: dict[str, str], ports: Ports) -> dict[str, str]:
    """Wait for these letters, and give those that came."""
    gives_up_at = time.monotonic() + LETTER_SECONDS_MAX
    written: dict[str, str] = {}
    while len(written) < len(ordered) and time.monotonic() < gives_up_at:
        missing = ordered.keys() - written.keys()
        written |= {letter: ordered[letter] for letter in missing if ports.letters.get(letter) is not None}
        time.sleep(0.01)
    return written


def _acceptance(case: Case, name: str, network: Network) -> Message:
    return Message(
        id=MessageId(name_of("rush", case.id, name)),
        case=case.id,
        type=OfferAccepted.__name__,
        data=OfferAccepted().model_dump(mode="json"),
        at=network.ports.clock.now(),
        actor=Actor(kind="person", id=case.person, role="applicant"),
    )
