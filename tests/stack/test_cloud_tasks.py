import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import grpc
import pytest
from google.api_core.exceptions import (
    AlreadyExists,
    GoogleAPICallError,
    InvalidArgument,
    MethodNotImplemented,
    NotFound,
)
from google.cloud.tasks_v2 import CloudTasksClient, HttpMethod, Queue, Task
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from functions.stack.cloud_tasks import CloudTasksServer, Fault

PLACE = "projects/sadari-local/locations/asia-northeast3"
QUEUE = f"{PLACE}/queues/timers"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NO_TIME, INSTANT, SECOND, MINUTE, HOUR, DAY = (
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)


def until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up_at, "the condition never came true"
        time.sleep(0.002)


class Call(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """The function that tasks are sent to: it keeps what came, and answers as told (200 when told nothing)."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: list[int] = []
        self.answered: list[int] = []
        self.door = threading.Event()
        self.door.set()
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = receiver.take(Call(self.command, self.path, headers, body))
                with suppress(OSError):
                    self.send_response(status)
                    self.end_headers()

            do_GET = do_POST = do_PUT = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/ring"

    def take(self, call: Call) -> int:
        with self._lock:
            self.calls.append(call)
            status = self.answers.pop(0) if self.answers else 200
        self.door.wait(10)
        self.answered.append(status)
        return status

    def names(self) -> list[str]:
        return [call.headers["x-cloudtasks-taskname"] for call in self.calls]

    def close(self) -> None:
        self.door.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class Desk:
    """A server, a real client on it, a receiver and a clock that moves only when told."""

    def __init__(self, server: CloudTasksServer, receiver: Receiver, client: CloudTasksClient) -> None:
        self.server, self.receiver, self.client = server, receiver, client

    def add(self, task_id: str = "", *, at: timedelta | None = None, queue: str = QUEUE, **fields: Any) -> Task:
        task = {"http_request": {"url": self.receiver.url}, **fields}
        task |= {"name": f"{queue}/tasks/{task_id}"} if task_id else {}
        task |= {} if at is None else {"schedule_time": CLOCK.now() + at}
        return self.client.create_task(parent=queue, task=task)

    def settle(self) -> None:
        self.server.wake()
        until(self.server.idle)

    def turn(self, by: timedelta) -> None:
        CLOCK.time += by
        self.settle()

    def waits(self) -> timedelta:
        (pending,) = self.server.pending()
        assert pending.fires_at is not None
        return pending.fires_at - CLOCK.now()

    def fail_and_wait(self) -> timedelta:
        """Let the attempt that is due fail; the answer is how long the task now waits."""
        self.receiver.answers = [500]
        self.settle()
        return self.waits()


class Clock:
    time = NOON

    def now(self) -> datetime:
        return self.time


CLOCK = Clock()


def sign(email: str, audience: str) -> str:
    if email == "nobody@local":
        raise LookupError(email)
    return f"{email}->{audience}"


@contextmanager
def client_of(server: CloudTasksServer) -> Iterator[CloudTasksClient]:
    with grpc.insecure_channel(server.address) as channel:
        yield CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def desk(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> Iterator[Desk]:
    """A running server with one queue, which must have logged nothing above debug level when it has stopped."""
    CLOCK.time = NOON
    with CloudTasksServer(now=CLOCK.now, sign=sign) as server, client_of(server) as client:
        client.create_queue(parent=PLACE, queue={"name": QUEUE})
        yield Desk(server, receiver, client)
    assert [*caplog.get_records("call"), *caplog.get_records("teardown")] == []


def with_retries(desk: Desk, **retry: Any) -> str:
    queue = {"name": f"{PLACE}/queues/strict", "retry_config": retry}
    return desk.client.create_queue(parent=PLACE, queue=queue).name


# What is sent


def test_a_task_is_posted_to_its_url_with_its_body_and_headers(desk: Desk) -> None:
    request = {
        "url": f"{desk.receiver.url}?q=가 나",
        "body": b"\x00ring",
        "headers": {"Content-Type": "a/b", "X-Own": "1"},
    }

    desk.add("ring-1", http_request=request)
    desk.settle()

    (call,) = desk.receiver.calls
    assert (call.method, call.path) == ("POST", "/ring?q=%EA%B0%80%20%EB%82%98")
    assert (call.body, call.headers["content-type"], call.headers["x-own"]) == (b"\x00ring", "a/b", "1")


def test_every_attempt_says_which_task_and_which_try_it_is(desk: Desk) -> None:
    desk.receiver.answers = [429, 500, 200]

    desk.add("ring-1", at=HOUR)
    for by in (HOUR, SECOND, SECOND):
        desk.turn(by)

    told = [{k: v for k, v in call.headers.items() if k.startswith("x-cloudtasks")} for call in desk.receiver.calls]
    name = {"x-cloudtasks-queuename": "timers", "x-cloudtasks-taskname": "ring-1"}
    tries = [("0", "0", NOON + HOUR), ("1", "1", NOON + HOUR + 0.1 * SECOND), ("2", "1", NOON + HOUR + 1.2 * SECOND)]
    expected = [
        name
        | {
            "x-cloudtasks-taskretrycount": retries,
            "x-cloudtasks-taskexecutioncount": executions,
            "x-cloudtasks-tasketa": f"{eta.timestamp():.6f}",
        }
        for retries, executions, eta in tries
    ]
    expected[1]["x-cloudtasks-taskpreviousresponse"] = "429"
    expected[2]["x-cloudtasks-taskpreviousresponse"] = "500"
    assert told == expected


def test_headers_that_belong_to_the_service_are_not_the_senders_to_set(desk: Desk) -> None:
    forged = {
        "x-cloudtasks-taskname": "forged",
        "X-Google-Me": "1",
        "user-agent": "me",
        "HOST": "evil",
        "Content-Length": "9",
    }

    desk.add("ring-1", http_request={"url": desk.receiver.url, "headers": forged})
    desk.settle()

    (call,) = desk.receiver.calls
    assert call.headers["x-cloudtasks-taskname"] == "ring-1"
    assert (call.headers["user-agent"], call.headers["content-length"]) == ("Google-Cloud-Tasks", "0")
    assert "x-google-me" not in call.headers
    assert call.headers["host"].startswith("127.0.0.1:")


def test_another_method_than_post_is_honoured(desk: Desk) -> None:
    desk.add(http_request={"url": desk.receiver.url, "http_method": HttpMethod.PUT, "body": b"x"})
    desk.settle()

    assert [(call.method, call.body) for call in desk.receiver.calls] == [("PUT", b"x")]


@pytest.mark.parametrize("audience", ["https://sadari.example", ""])
def test_an_oidc_token_is_signed_for_the_audience_or_else_for_the_url(desk: Desk, audience: str) -> None:
    token = {"service_account_email": "rings@local", "audience": audience}

    desk.add(http_request={"url": desk.receiver.url, "oidc_token": token, "headers": {"authorization": "forged"}})
    desk.settle()

    (call,) = desk.receiver.calls
    assert call.headers["authorization"] == f"Bearer rings@local->{audience or desk.receiver.url}"


def test_a_task_without_oidc_token_keeps_its_own_authorization(desk: Desk) -> None:
    desk.add(http_request={"url": desk.receiver.url, "headers": {"Authorization": "Basic x"}})
    desk.settle()

    assert [call.headers["authorization"] for call in desk.receiver.calls] == ["Basic x"]


def test_a_token_that_cannot_be_signed_is_a_failed_attempt_that_says_why(desk: Desk) -> None:
    token = {"service_account_email": "nobody@local"}

    task = desk.add(http_request={"url": desk.receiver.url, "oidc_token": token})
    desk.settle()

    last = desk.client.get_task(name=task.name).last_attempt.response_status
    assert (last.code, last.message) == (14, "no answer: LookupError: nobody@local")
    assert desk.receiver.calls == []


# When it is sent


@pytest.mark.parametrize("at", [None, NO_TIME, -40 * DAY])
def test_a_task_without_a_time_to_come_is_due_at_once_and_needs_no_waking(desk: Desk, at: timedelta | None) -> None:
    task = desk.add("ring-1", at=at)

    assert task.schedule_time == NOON
    until(lambda: desk.receiver.names() == ["ring-1"])


def test_nothing_fires_before_its_time_and_a_turned_clock_makes_it_due(desk: Desk) -> None:
    desk.add("ring-1", at=29 * DAY)
    desk.turn(29 * DAY - INSTANT)
    early = desk.receiver.names()

    CLOCK.time += INSTANT

    assert early == []
    until(lambda: desk.receiver.names() == ["ring-1"])


def test_a_clock_turned_by_months_fires_everything_once(desk: Desk) -> None:
    for days in (30, 1, 7):
        desk.add(f"day-{days}", at=days * DAY)

    desk.turn(200 * DAY)

    assert sorted(desk.receiver.names()) == ["day-1", "day-30", "day-7"]
    assert desk.server.pending() == ()


def test_no_more_tasks_of_a_queue_are_under_way_than_it_allows(desk: Desk) -> None:
    narrow = {"name": f"{PLACE}/queues/narrow", "rate_limits": {"max_concurrent_dispatches": 2}}
    desk.client.create_queue(parent=PLACE, queue=narrow)
    desk.receiver.door.clear()

    for number in range(3):
        desk.add(f"ring-{number}", queue=narrow["name"])
    until(lambda: len(desk.receiver.calls) == 2)
    desk.server.wake()
    under_way = [pending.is_in_flight for pending in desk.server.pending()]
    desk.receiver.door.set()
    until(desk.server.idle)

    assert sorted(under_way) == [False, True, True]
    assert sorted(desk.receiver.names()) == ["ring-0", "ring-1", "ring-2"]


# Names


def test_a_task_with_the_name_of_a_pending_one_is_refused_as_already_existing(desk: Desk) -> None:
    desk.add("ring-1", at=HOUR)

    with pytest.raises(AlreadyExists):
        desk.add("ring-1")


@pytest.mark.parametrize("end", ["executed", "deleted", "purged"])
def test_a_task_with_a_used_name_is_refused_as_already_existing_for_a_day(desk: Desk, end: str) -> None:
    task = desk.add("ring-1", at=HOUR)
    if end == "deleted":
        desk.client.delete_task(name=task.name)
    if end == "purged":
        desk.client.purge_queue(name=QUEUE)
    desk.turn(HOUR)
    used_at = NOON + HOUR if end == "executed" else NOON

    CLOCK.time = used_at + DAY - INSTANT
    with pytest.raises(AlreadyExists):
        desk.add("ring-1")
    CLOCK.time = used_at + DAY

    assert desk.add("ring-1").name == task.name


def test_the_same_name_is_free_in_another_queue(desk: Desk) -> None:
    other = desk.client.create_queue(parent=PLACE, queue={"name": f"{PLACE}/queues/other"}).name
    desk.add("ring-1", at=HOUR)

    assert desk.add("ring-1", queue=other, at=HOUR).name == f"{other}/tasks/ring-1"


def test_tasks_without_a_name_get_numbers_of_their_own(desk: Desk) -> None:
    ids = {desk.add(at=HOUR).name.removeprefix(f"{QUEUE}/tasks/") for _ in range(5)}

    assert len(ids) == 5
    assert all(task_id.isdecimal() for task_id in ids)


@pytest.mark.parametrize("task_id", ["a.b", "a b", "a:b", "가", "x" * 501, "a/b"])
def test_a_name_outside_the_rules_is_refused(desk: Desk, task_id: str) -> None:
    with pytest.raises(InvalidArgument, match="task name"):
        desk.add(task_id)


def test_a_name_in_another_queue_than_the_parent_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidArgument, match="task name"):
        desk.add(name=f"{PLACE}/queues/other/tasks/ring-1")


def test_the_longest_name_is_taken(desk: Desk) -> None:
    assert desk.add("x_-9" * 125, at=HOUR).name.endswith("x_-9")


# Limits


def sized(desk: Desk, size: int) -> dict[str, Any]:
    """The fields of a task of exactly this many serialized bytes (for sizes around one megabyte)."""
    fields = {"http_request": {"url": desk.receiver.url, "body": bytes(size - 100)}}
    missing = size - len(Task.serialize(Task(fields)))
    return {"http_request": {"url": desk.receiver.url, "body": bytes(size - 100 + missing)}}


def test_what_is_just_within_the_limits_is_taken(desk: Desk) -> None:
    desk.add(at=timedelta(hours=720))
    desk.add(at=HOUR, dispatch_deadline=15 * SECOND)
    desk.add(at=HOUR, dispatch_deadline=30 * MINUTE)
    desk.add(**sized(desk, 1_048_576))
    desk.settle()

    assert len(desk.server.pending()) == 3
    assert len(desk.receiver.calls[0].body) > 1_048_000


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"at": timedelta(hours=720) + INSTANT}, "720h"),
        ({"dispatch_deadline": 15 * SECOND - timedelta(milliseconds=1)}, "dispatch_deadline"),
        ({"dispatch_deadline": 30 * MINUTE + timedelta(milliseconds=1)}, "dispatch_deadline"),
        ({"http_request": {"url": "ftp://127.0.0.1/"}}, "url"),
        ({"http_request": {"url": "http://"}}, "url"),
        ({"http_request": {"url": "http://127.0.0.1/" + "x" * 2083}}, "url"),
        ({"http_request": {"url": "http://127.0.0.1/", "http_method": HttpMethod.GET, "body": b"x"}}, "no body"),
        ({"http_request": {"url": "http://127.0.0.1/", "oauth_token": {"scope": "x"}}}, "oauth_token"),
        ({"retry_config": {"min_backoff": 2 * HOUR, "max_backoff": HOUR}}, "min_backoff"),
    ],
)
def test_what_is_beyond_the_limits_is_refused(desk: Desk, fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidArgument, match=complaint):
        desk.add(**fields)


def test_a_task_of_more_than_a_megabyte_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidArgument, match="bytes"):
        desk.add(**sized(desk, 1_048_577))


@pytest.mark.parametrize("target", [{"app_engine_http_request": {"relative_uri": "/"}}, {}])
def test_only_http_tasks_are_taken(desk: Desk, target: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match="http_request"):
        desk.client.create_task(parent=QUEUE, task=target)


# Retries


def test_the_wait_doubles_then_grows_evenly_up_to_the_longest(desk: Desk) -> None:
    queue = with_retries(desk, min_backoff=10 * SECOND, max_backoff=300 * SECOND, max_doublings=3)
    desk.add("ring-1", queue=queue)

    waits = []
    for _ in range(8):
        waits.append(desk.fail_and_wait())
        CLOCK.time += waits[-1]

    assert waits == [seconds * SECOND for seconds in (10, 20, 40, 80, 160, 240, 300, 300)]


def test_a_retry_waits_by_the_injected_clock(desk: Desk) -> None:
    queue = with_retries(desk, min_backoff=10 * SECOND)
    desk.add("ring-1", queue=queue)
    desk.fail_and_wait()

    desk.turn(10 * SECOND - INSTANT)
    before = len(desk.receiver.calls)
    desk.turn(INSTANT)

    assert (before, len(desk.receiver.calls)) == (1, 2)


def test_a_queue_without_settings_gets_the_defaults(desk: Desk) -> None:
    queue = desk.client.get_queue(name=QUEUE)

    retry = queue.retry_config
    assert (retry.min_backoff, retry.max_backoff, retry.max_doublings) == (0.1 * SECOND, HOUR, 16)
    assert (retry.max_attempts, retry.max_retry_duration) == (100, NO_TIME)
    assert (queue.rate_limits.max_concurrent_dispatches, queue.state) == (16, Queue.State.RUNNING)


@pytest.mark.parametrize("status", [302, 400, 404, 409, 429, 500, 503])
def test_any_answer_but_success_is_retried(desk: Desk, status: int) -> None:
    desk.receiver.answers = [status, 204]

    task = desk.add("ring-1")
    desk.settle()
    failed = desk.client.get_task(name=task.name)
    desk.turn(SECOND)

    assert (failed.dispatch_count, failed.response_count) == (1, 1)
    assert failed.last_attempt.response_status.message == f"HTTP status code {status}"
    assert (len(desk.receiver.calls), desk.server.pending()) == (2, ())


def test_no_connection_is_retried(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    task = desk.add(http_request={"url": f"http://127.0.0.1:{port}/"})
    desk.settle()

    failed = desk.client.get_task(name=task.name)
    assert (failed.dispatch_count, failed.response_count) == (1, 0)
    assert "ConnectionRefusedError" in failed.last_attempt.response_status.message
    assert desk.waits() == 0.1 * SECOND


def test_a_task_whose_attempts_are_used_up_is_deleted_and_its_name_stays_used(desk: Desk) -> None:
    queue = with_retries(desk, max_attempts=3)
    task = desk.add("ring-1", queue=queue)
    desk.receiver.answers = [500] * 9

    desk.settle()
    for _ in range(5):
        desk.turn(HOUR)

    assert (len(desk.receiver.calls), desk.server.pending()) == (3, ())
    with pytest.raises(NotFound):
        desk.client.get_task(name=task.name)
    with pytest.raises(AlreadyExists):
        desk.add("ring-1", queue=queue)


@pytest.mark.parametrize(
    ("limits", "attempts"),
    [
        ({"max_attempts": 2, "max_retry_duration": 4 * HOUR}, 5),
        ({"max_attempts": 5, "max_retry_duration": HOUR}, 5),
        ({"max_attempts": -1, "max_retry_duration": 3 * HOUR}, 4),
        ({"max_attempts": -1}, 31 * 24 + 1),
    ],
    ids=["time is the later limit", "attempts are the later limit", "time alone", "a month"],
)
def test_a_task_is_given_up_when_both_its_attempts_and_its_time_are_used_up(
    desk: Desk, limits: dict[str, Any], attempts: int
) -> None:
    queue = with_retries(desk, min_backoff=HOUR, max_backoff=HOUR, **limits)
    task = desk.add("ring-1", queue=queue)
    desk.receiver.answers = [500] * 1000

    desk.settle()
    while desk.server.pending():
        desk.turn(HOUR)

    assert len(desk.receiver.calls) == attempts
    with pytest.raises(NotFound):
        desk.client.get_task(name=task.name)


def test_retry_settings_of_a_task_come_before_those_of_its_queue(desk: Desk) -> None:
    desk.add(retry_config={"min_backoff": 7 * SECOND})

    assert desk.fail_and_wait() == 7 * SECOND


def test_an_attempt_without_an_answer_by_the_dispatch_deadline_is_cut_off_and_retried(desk: Desk) -> None:
    desk.receiver.door.clear()
    task = desk.add(dispatch_deadline=15 * SECOND)
    until(lambda: len(desk.receiver.calls) == 1)

    (flight,) = desk.server._flights
    flight.cut_at -= 15
    until(desk.server.idle)

    assert desk.waits() == 0.1 * SECOND
    assert "no answer" in desk.client.get_task(name=task.name).last_attempt.response_status.message


# Handling tasks and queues


def test_a_deleted_task_does_not_fire(desk: Desk) -> None:
    task = desk.add("ring-1", at=HOUR)

    desk.client.delete_task(name=task.name)
    desk.turn(2 * HOUR)

    assert desk.receiver.calls == []


@pytest.mark.parametrize("status", [200, 500])
def test_a_task_deleted_under_way_stays_deleted_whatever_comes_of_it(desk: Desk, status: int) -> None:
    desk.receiver.answers = [status]
    desk.receiver.door.clear()
    task = desk.add("ring-1")
    until(lambda: len(desk.receiver.calls) == 1)

    desk.client.delete_task(name=task.name)
    desk.receiver.door.set()
    until(desk.server.idle)

    assert desk.server.pending() == ()


def test_a_paused_queue_holds_its_tasks_until_it_is_resumed(desk: Desk) -> None:
    paused = desk.client.pause_queue(name=QUEUE)
    desk.add("ring-1")
    desk.turn(HOUR)
    held = [pending.fires_at for pending in desk.server.pending()]
    sent = desk.receiver.names()

    resumed = desk.client.resume_queue(name=QUEUE)
    desk.settle()

    assert (paused.state, resumed.state) == (Queue.State.PAUSED, Queue.State.RUNNING)
    assert (sent, held) == ([], [None])
    assert desk.receiver.names() == ["ring-1"]


def test_run_task_fires_one_task_now_even_in_a_paused_queue(desk: Desk) -> None:
    desk.client.pause_queue(name=QUEUE)
    task = desk.add("ring-1", at=DAY)
    desk.add("ring-2")

    ran = desk.client.run_task(name=task.name)
    until(desk.server.idle)

    assert (ran.dispatch_count, desk.receiver.names()) == (1, ["ring-1"])
    assert [pending.task.name for pending in desk.server.pending()] == [f"{QUEUE}/tasks/ring-2"]


def test_run_task_fires_a_task_that_is_under_way_already(desk: Desk) -> None:
    desk.receiver.door.clear()
    task = desk.add("ring-1")
    until(lambda: len(desk.receiver.calls) == 1)

    desk.client.run_task(name=task.name)
    until(lambda: len(desk.receiver.calls) == 2)
    desk.receiver.door.set()
    until(desk.server.idle)

    assert desk.server.pending() == ()


def test_a_task_under_way_does_not_fire_again_when_its_time_comes(desk: Desk) -> None:
    desk.receiver.door.clear()
    task = desk.add("ring-1", at=HOUR)

    desk.client.run_task(name=task.name)
    CLOCK.time += HOUR
    desk.server.wake()
    shown = desk.client.get_task(name=task.name)
    desk.receiver.door.set()
    until(desk.server.idle)

    assert (shown.dispatch_count, desk.receiver.names()) == (1, ["ring-1"])


def test_a_task_that_fails_when_run_waits_for_its_retry_and_fires_once(desk: Desk) -> None:
    task = desk.add("ring-1", at=HOUR)
    desk.receiver.answers = [500]

    desk.client.run_task(name=task.name)
    until(desk.server.idle)
    waits = desk.waits()
    desk.turn(2 * HOUR)

    assert waits == 0.1 * SECOND
    assert desk.receiver.names() == ["ring-1", "ring-1"]


def test_a_purged_queue_is_empty_and_goes_on(desk: Desk) -> None:
    for number in range(3):
        desk.add(f"ring-{number}", at=HOUR)

    purged = desk.client.purge_queue(name=QUEUE)
    desk.add("ring-3", at=HOUR)
    desk.turn(HOUR)

    assert purged.purge_time == NOON
    assert desk.receiver.names() == ["ring-3"]


def test_a_deleted_queue_takes_its_tasks_with_it_and_starts_afresh(desk: Desk) -> None:
    desk.add("ring-1", at=HOUR)

    desk.client.delete_queue(name=QUEUE)
    with pytest.raises(NotFound):
        desk.add("ring-1")
    desk.client.create_queue(parent=PLACE, queue={"name": QUEUE})
    desk.add("ring-1", at=2 * HOUR)
    desk.turn(HOUR)

    assert desk.receiver.calls == []
    assert len(desk.server.pending()) == 1


def test_queues_and_tasks_are_listed(desk: Desk) -> None:
    desk.client.create_queue(parent=PLACE, queue={"name": f"{PLACE}/queues/letters"})
    tasks = [desk.add(f"ring-{number}", at=HOUR).name for number in range(3)]

    assert [queue.name for queue in desk.client.list_queues(parent=PLACE)] == [f"{PLACE}/queues/letters", QUEUE]
    assert [task.name for task in desk.client.list_tasks(parent=QUEUE)] == tasks
    assert list(desk.client.list_tasks(parent=f"{PLACE}/queues/letters")) == []


def test_a_body_is_shown_only_to_those_who_ask_for_everything(desk: Desk) -> None:
    name = desk.add("ring-1", at=HOUR, http_request={"url": desk.receiver.url, "body": b"secret"}).name

    basic = desk.client.get_task(name=name)
    full = desk.client.get_task({"name": name, "response_view": Task.View.FULL})

    assert (basic.view, basic.http_request.body) == (Task.View.BASIC, b"")
    assert (full.view, full.http_request.body) == (Task.View.FULL, b"secret")
    assert (full.schedule_time, full.create_time) == (NOON + HOUR, NOON)
    assert full.dispatch_deadline == 10 * MINUTE


@pytest.mark.parametrize("call", ["get_queue", "delete_queue", "pause_queue", "resume_queue", "purge_queue"])
def test_an_unknown_queue_is_not_found(desk: Desk, call: str) -> None:
    with pytest.raises(NotFound):
        getattr(desk.client, call)(name=f"{PLACE}/queues/none")


@pytest.mark.parametrize("call", ["get_task", "delete_task", "run_task"])
def test_an_unknown_task_is_not_found(desk: Desk, call: str) -> None:
    for name in (f"{QUEUE}/tasks/none", f"{PLACE}/queues/none/tasks/none"):
        with pytest.raises(NotFound):
            getattr(desk.client, call)(name=name)
    with pytest.raises(InvalidArgument):
        getattr(desk.client, call)(name=QUEUE)


def test_a_task_for_an_unknown_queue_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.add(queue=f"{PLACE}/queues/none")
    with pytest.raises(NotFound):
        desk.client.list_tasks(parent=f"{PLACE}/queues/none")


@pytest.mark.parametrize(
    ("queue", "error"),
    [
        ({"name": QUEUE}, AlreadyExists),
        ({"name": f"{PLACE}/queues/a_b"}, InvalidArgument),
        ({"name": "projects/other/locations/here/queues/q"}, InvalidArgument),
        ({"name": f"{PLACE}/queues/q", "rate_limits": {"max_concurrent_dispatches": 5001}}, InvalidArgument),
        ({"name": f"{PLACE}/queues/q", "retry_config": {"max_attempts": -2}}, InvalidArgument),
    ],
)
def test_a_queue_against_the_rules_is_refused(
    desk: Desk, queue: dict[str, Any], error: type[GoogleAPICallError]
) -> None:
    with pytest.raises(error):
        desk.client.create_queue(parent=PLACE, queue=queue)


def test_a_call_that_is_not_modelled_says_so(desk: Desk) -> None:
    with pytest.raises(MethodNotImplemented):
        desk.client.update_queue(queue={"name": QUEUE})


# Faults


@pytest.mark.parametrize(
    "which", ["ring-1", f"{QUEUE}/tasks/ring-1", lambda task: task.http_request.url.endswith("/ring?case=7")]
)
def test_a_fault_strikes_the_tasks_it_chooses_and_no_other(desk: Desk, which: Any) -> None:
    desk.server.inject(Fault(which=which, lost=True))

    desk.add("ring-1", http_request={"url": f"{desk.receiver.url}?case=7"})
    desk.add("ring-11", http_request={"url": f"{desk.receiver.url}?case=77"})
    desk.settle()

    assert desk.receiver.names() == ["ring-11"]


def test_a_task_can_fire_twice_at_once(desk: Desk) -> None:
    desk.server.inject(Fault(which="ring-1", twice=True))
    desk.receiver.door.clear()

    desk.add("ring-1")
    until(lambda: len(desk.receiver.calls) == 2)
    desk.receiver.door.set()
    until(desk.server.idle)

    assert [call.headers["x-cloudtasks-taskretrycount"] for call in desk.receiver.calls] == ["0", "0"]
    assert desk.server.pending() == ()


@pytest.mark.parametrize("answers", [[500, 200], [200, 500]])
def test_a_task_fired_twice_is_done_when_one_of_the_two_succeeds(desk: Desk, answers: list[int]) -> None:
    desk.server.inject(Fault(which="ring-1", twice=True))
    desk.receiver.answers = answers

    desk.add("ring-1")
    desk.settle()

    assert (len(desk.receiver.calls), desk.server.pending()) == (2, ())


def test_a_task_fired_twice_in_vain_is_retried_once(desk: Desk) -> None:
    desk.server.inject(Fault(which="ring-1", twice=True))
    desk.receiver.answers = [500, 500]

    desk.add("ring-1")
    desk.settle()
    desk.turn(SECOND)

    assert len(desk.receiver.calls) == 3


@pytest.mark.parametrize("fault", [{"late": 3 * MINUTE}, {"early": 3 * MINUTE}])
def test_a_task_can_fire_late_or_early_by_so_much(desk: Desk, fault: dict[str, timedelta]) -> None:
    desk.add("ring-1", at=HOUR)
    shift = fault.get("late", NO_TIME) - fault.get("early", NO_TIME)

    desk.server.inject(Fault(which="ring-1", **fault))
    announced = desk.waits()
    desk.turn(HOUR + shift - INSTANT)
    before = desk.receiver.names()
    desk.turn(INSTANT)

    assert (announced, before, desk.receiver.names()) == (HOUR + shift, [], ["ring-1"])
    assert float(desk.receiver.calls[0].headers["x-cloudtasks-tasketa"]) == (NOON + HOUR).timestamp()


def test_a_lost_task_is_gone_when_it_was_due_and_its_name_stays_used(desk: Desk) -> None:
    task = desk.add("ring-1", at=HOUR)

    desk.server.inject(Fault(which="ring-1", lost=True))
    listed = [pending.task.name for pending in desk.server.pending()]
    desk.turn(HOUR)

    assert (listed, desk.receiver.calls, desk.server.pending()) == ([task.name], [], ())
    with pytest.raises(AlreadyExists):
        desk.add("ring-1")


def test_a_fault_is_over_after_the_first_attempt(desk: Desk) -> None:
    desk.server.inject(Fault(which="ring-1", late=MINUTE, twice=True))
    desk.receiver.answers = [500, 500]
    desk.add("ring-1")

    desk.turn(MINUTE)

    assert desk.waits() == 0.1 * SECOND


def test_a_healed_server_fires_on_time(desk: Desk) -> None:
    desk.server.inject(Fault(which=lambda _: True, lost=True))
    desk.server.inject(Fault(which=lambda _: True, late=DAY, twice=True))
    desk.add("ring-1", at=HOUR)

    desk.server.heal()
    desk.turn(HOUR)

    assert desk.receiver.names() == ["ring-1"]


# The server itself


def test_pending_tasks_are_shown_in_the_order_in_which_they_fire(desk: Desk) -> None:
    desk.add("later", at=DAY)
    desk.add("sooner", at=HOUR, http_request={"url": desk.receiver.url, "body": b"x"})

    shown = [(p.task.name.rpartition("/")[2], p.fires_at, p.is_in_flight) for p in desk.server.pending()]

    assert shown == [("sooner", NOON + HOUR, False), ("later", NOON + DAY, False)]
    assert desk.server.pending()[0].task.http_request.body == b"x"


def test_a_server_is_idle_when_nothing_is_due_and_nothing_is_under_way(desk: Desk) -> None:
    desk.receiver.door.clear()
    desk.add("ring-1", at=HOUR)
    with_a_task_to_come = desk.server.idle()

    CLOCK.time += HOUR
    when_it_is_due = desk.server.idle()
    until(lambda: len(desk.receiver.calls) == 1)
    under_way = desk.server.idle()
    desk.receiver.door.set()
    until(desk.server.idle)

    assert (with_a_task_to_come, when_it_is_due, under_way) == (True, False, False)


def test_many_senders_at_once_lose_nothing_and_double_nothing(desk: Desk) -> None:
    def send(number: int) -> int:
        try:
            desk.add(f"ring-{number % 100}")
        except AlreadyExists:
            return 0
        return 1

    with ThreadPoolExecutor(8) as senders:
        taken = sum(senders.map(send, range(200)))
    desk.settle()

    assert taken == 100
    assert sorted(desk.receiver.names()) == sorted(f"ring-{number}" for number in range(100))


def test_a_stopped_server_cuts_off_what_is_under_way_and_leaves_no_thread(receiver: Receiver) -> None:
    CLOCK.time = NOON
    receiver.door.clear()
    before = set(threading.enumerate())
    with CloudTasksServer(now=CLOCK.now, sign=sign) as server:
        with client_of(server) as client:
            client.create_queue(parent=PLACE, queue={"name": QUEUE})
            for _ in range(20):
                Desk(server, receiver, client).add()
        until(lambda: len(receiver.calls) == 16)
    server.stop()
    answered = list(receiver.answered)
    receiver.door.set()

    assert answered == []
    until(lambda: not set(threading.enumerate()) - before)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2])))


def test_a_server_that_was_never_started_can_be_stopped() -> None:
    CloudTasksServer(now=CLOCK.now, sign=sign).stop()


def test_a_server_listens_on_this_machine_only_and_not_on_a_taken_port(desk: Desk) -> None:
    host, _, port = desk.server.address.partition(":")
    second = CloudTasksServer(now=CLOCK.now, sign=sign, port=int(port))

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", int(port)))
    with pytest.raises(RuntimeError):
        second.start()
    second.stop()

    assert host == "127.0.0.1"
