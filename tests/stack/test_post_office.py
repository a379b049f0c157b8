"""The local stack sends: what it hands over arrives at a real mail server and a real dealer, who reports back."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.cli import run
from functions.embedded import Embedded
from functions.stack.arrived import arrived
from functions.stack.embedded_stack import EmbeddedStack
from functions.stack.local_stack import LocalStack
from schemas.letters import Letter, LetterState
from tests.support.cohort import CALENDAR, DAY
from tests.support.post import a_notice, a_person

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
EXPIRING = a_notice("OfferExpiring", answer_by=(CALENDAR.results_at + 2 * DAY).isoformat())
SECONDS_MAX = 60.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store whose clock stands on a morning, so that nothing waits for one."""
    store = Embedded(tmp_path / "sadari.db")
    store.clock.turn(CALENDAR.results_at)
    store.close()
    return tmp_path


@pytest.fixture
def stack(home: Path) -> Iterator[EmbeddedStack]:
    made = EmbeddedStack(
        home, key=b"k" * 32, sources={"desk": {"secrets": [SECRET], "roles": ["operator"]}}, sends=True
    )
    made.start()
    yield made
    made.stop()


def worked(stack: EmbeddedStack, is_there: Callable[[Letter], bool]) -> Letter:
    """Let the stack work until its one letter is as wanted."""
    store = stack._embedded
    assert store is not None
    gives_up_at = time.monotonic() + SECONDS_MAX
    while time.monotonic() < gives_up_at:
        stack.work()
        found = list(store.ports.letters.find())
        if found and is_there(found[0]):
            return found[0]
        time.sleep(0.05)
    raise TimeoutError(f"{[letter.attempts for letter in store.ports.letters.find()]}")


def told(stack: EmbeddedStack, **person: Any) -> None:
    store = stack._embedded
    assert store is not None
    store.ports.vault.put(a_person(**person))
    store.ports.publisher.publish([], [EXPIRING])


def test_what_nobody_can_receive_by_telephone_arrives_by_mail(
    stack: EmbeddedStack, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(stack, contact="+821077770000")

    letter = worked(stack, lambda each: each.state is LetterState.SENT and each.attempts[-1].channel == "mail")

    assert [(each.channel, str(each.outcome), each.reason) for each in letter.attempts] == [
        ("alimtalk", "undelivered", "no_kakaotalk"),
        ("sms", "undelivered", "unreachable"),
        ("mail", "taken", ""),
    ]
    assert [each.by for each in arrived(home)] == ["alimtalk", "lms", "mail"]
    assert run(["mail", "list", "--json", "--stack", str(home)]) == 0
    assert [each["by"] for each in json.loads(capsys.readouterr().out)] == ["alimtalk", "lms", "mail"]
    assert run(["mail", "open", "--stack", str(home)]) == 0
    assert letter.subject in capsys.readouterr().out


def test_the_dealer_reports_that_an_alimtalk_arrived(stack: EmbeddedStack, home: Path) -> None:
    told(stack)

    letter = worked(stack, lambda each: bool(each.attempts) and each.attempts[-1].outcome == "delivered")

    assert letter.state is LetterState.SENT
    assert [each.by for each in arrived(home)] == ["alimtalk"]


@pytest.mark.emulator
@pytest.mark.timeout(300)
def test_on_the_emulators_the_functions_send_and_hear_the_reports(tmp_path: Path) -> None:
    sources = {"desk": {"secrets": [SECRET], "roles": ["operator"]}}
    with LocalStack(tmp_path, key=b"k" * 32, sources=sources, sends=True) as stack:
        stack.clock.turn(CALENDAR.results_at)
        ports = stack.cloud().ports
        ports.vault.put(a_person(contact="+821077770000"))
        ports.publisher.publish([], [EXPIRING, EXPIRING])

        gives_up_at = time.monotonic() + SECONDS_MAX
        while "mail" not in [each.by for each in arrived(tmp_path)] and time.monotonic() < gives_up_at:
            time.sleep(0.1)
        stack.sweep()

        (letter,) = ports.letters.find()
        assert [each.by for each in arrived(tmp_path)] == ["alimtalk", "lms", "mail"]
        assert [(each.channel, str(each.outcome)) for each in letter.attempts][:2] == [
            ("alimtalk", "undelivered"),
            ("sms", "undelivered"),
        ]
