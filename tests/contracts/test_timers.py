"""The alarm clock."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import grpc
import pytest
from google.cloud.tasks_v2 import CloudTasksClient, HttpMethod
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from functions.adapters.google.cloud_tasks_timers import CloudTasksTimers
from functions.adapters.local.database import Database
from functions.adapters.local.sqlite_timers import SqliteTimers
from functions.stack.cloud_tasks import CloudTasksServer
from schemas.ids import CaseId
from schemas.messages import Timer
from workflows.engine.decide import ring_message_id
from workflows.runtime.carry_out import ALARM_AHEAD_MAX
from workflows.runtime.errors import Unavailable
from workflows.runtime.ports import Alarm, Timers
from workflows.runtime.ring import alarm_from_json, alarm_to_json

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PLACE = "projects/demo-timers/locations/asia-northeast3"
QUEUE = f"{PLACE}/queues/timers"
ORIGIN = "https://ring.example.org"
URL = f"{ORIGIN}/"
CALLER = "tasks@demo-timers.iam.gserviceaccount.com"

Pending = list[tuple[str, datetime, Alarm]]


class Bedside(NamedTuple):
    """An alarm clock, and a look at what it is set for: name, time and alarm, the next first."""

    timers: Timers
    pending: Callable[[], Pending]


@pytest.fixture
def server() -> Iterator[CloudTasksServer]:
    with CloudTasksServer(now=lambda: NOON, sign=lambda email, audience: f"{email}->{audience}") as running:
        yield running


@pytest.fixture
def client(server: CloudTasksServer) -> Iterator[CloudTasksClient]:
    with grpc.insecure_channel(server.address) as channel:
        client = CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        client.create_queue(parent=PLACE, queue={"name": QUEUE})
        yield client


def timers_on(client: CloudTasksClient) -> CloudTasksTimers:
    return CloudTasksTimers(client, queue=QUEUE, ring_url=URL, service_account_email=CALLER)


@pytest.fixture(params=["local", "google"])
def bedside(request: pytest.FixtureRequest) -> Bedside:
    if request.param == "local":
        database: Database = request.getfixturevalue("database")
        clock = SqliteTimers(database)
        return Bedside(
            clock,
            lambda: [(name, each.timer.rings_at, each) for name, each in clock.due(NOON + timedelta(days=60), 99)],
        )
    server: CloudTasksServer = request.getfixturevalue("server")

    def pending() -> Pending:
        tasks = [held.task for held in server.pending()]
        return [
            (task.name.rpartition("/")[2], task.schedule_time, alarm_from_json(task.http_request.body))
            for task in tasks
        ]

    return Bedside(timers_on(request.getfixturevalue("client")), pending)


def alarm(hours: float = 1, *, key: str = "offered.at.2", case: str = "application-1", visit: int = 3) -> Alarm:
    due = NOON + timedelta(hours=hours)
    return Alarm(CaseId(case), key, Timer(due=due, rings_at=due + timedelta(minutes=15), visit=visit, armed=1))


def first(pending: tuple[str, datetime, Alarm]) -> str:
    return pending[0]


def named(*alarms: Alarm) -> Pending:
    return [(ring_message_id(each.case, each.key, each.timer), each.timer.rings_at, each) for each in alarms]


def test_an_alarm_is_set_for_its_time_under_the_name_of_its_message(bedside: Bedside) -> None:
    bedside.timers.start([alarm()])

    assert bedside.pending() == named(alarm())


def test_an_alarm_that_is_set_twice_is_there_once(bedside: Bedside) -> None:
    bedside.timers.start([alarm(1), alarm(2)])
    bedside.timers.start([alarm(2), alarm(1), alarm(3)])

    assert bedside.pending() == named(alarm(1), alarm(2), alarm(3))


def test_an_alarm_twice_in_one_call_is_there_once(bedside: Bedside) -> None:
    bedside.timers.start([alarm(), alarm()])

    assert bedside.pending() == named(alarm())


def test_what_differs_in_case_key_visit_or_due_date_is_another_alarm(bedside: Bedside) -> None:
    others = [alarm(case="application-2"), alarm(key="offered.at.1"), alarm(visit=4), alarm(2)]

    bedside.timers.start([alarm(), *others])

    assert sorted(bedside.pending(), key=first) == sorted(named(alarm(), *others), key=first)


def test_an_alarm_may_be_as_far_ahead_as_is_ever_asked_for(bedside: Bedside) -> None:
    far = alarm(ALARM_AHEAD_MAX / timedelta(hours=1) - 0.25)

    bedside.timers.start([far])

    assert bedside.pending() == named(far)


def test_an_overdue_alarm_goes_off_at_once(bedside: Bedside) -> None:
    bedside.timers.start([alarm(-1), alarm(1)])

    (overdue, goes_off_at, rings), later = bedside.pending()
    assert [(overdue, rings), later] == [(named(alarm(-1))[0][0], alarm(-1)), *named(alarm(1))]
    assert goes_off_at <= NOON


def test_no_alarms_are_no_trouble(bedside: Bedside) -> None:
    bedside.timers.start([])

    assert bedside.pending() == []


def test_an_alarm_reads_back_as_written_down() -> None:
    assert alarm_from_json(alarm_to_json(alarm())) == alarm()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"case": "a", "key": "k", "timer": {}}', b"\xff"])
def test_what_is_no_alarm_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        alarm_from_json(body)


# ---- on Cloud Tasks


def test_a_task_posts_the_alarm_as_json_with_the_callers_token(
    server: CloudTasksServer, client: CloudTasksClient
) -> None:
    timers_on(client).start([alarm()])

    (held,) = server.pending()
    request = held.task.http_request
    assert (request.url, request.http_method) == (URL, HttpMethod.POST)
    assert dict(request.headers) == {"Content-Type": "application/json"}
    assert (request.oidc_token.service_account_email, request.oidc_token.audience) == (CALLER, ORIGIN)
    assert json.loads(request.body) == {
        "case": "application-1",
        "key": "offered.at.2",
        "timer": {"due": "2026-03-02T13:00:00Z", "rings_at": "2026-03-02T13:15:00Z", "visit": 3, "armed": 1},
    }


def test_an_alarm_that_has_rung_does_not_ring_again(server: CloudTasksServer, client: CloudTasksClient) -> None:
    timers_on(client).start([alarm()])
    (held,) = server.pending()
    client.delete_task(name=held.task.name)

    timers_on(client).start([alarm()])

    assert server.pending() == ()


def test_a_cloud_tasks_that_does_not_answer_is_unavailable_at_once(dead_address: str) -> None:
    with grpc.insecure_channel(dead_address) as channel:
        client = CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))

        with pytest.raises(Unavailable, match="ServiceUnavailable"):
            timers_on(client).start([alarm()])
