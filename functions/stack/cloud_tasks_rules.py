"""The rules of the Cloud Tasks stand-in, without clock, threads or network."""

import http.client
import logging
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

import grpc
from google.cloud import tasks_v2 as v2
from google.cloud.tasks_v2 import Attempt, HttpMethod, HttpRequest, Queue, RateLimits, RetryConfig, Task

_log = logging.getLogger(__name__)

_LOCATION_NAME = r"projects/[A-Za-z0-9:.-]+/locations/[A-Za-z0-9-]+"
_QUEUE_NAME = re.compile(f"({_LOCATION_NAME})/queues/[A-Za-z0-9-]{{1,100}}")
_TASK_NAME = re.compile(f"({_LOCATION_NAME}/queues/[A-Za-z0-9-]{{1,100}})/tasks/[A-Za-z0-9_-]{{1,500}}")
_NAME_KEPT = timedelta(hours=24)
_HORIZON = timedelta(hours=720)
_RETENTION = timedelta(days=31)
_TASK_BYTES_MAX = 1_048_576
_URL_LENGTH_MAX = 2083
_DEADLINE_MIN, _DEADLINE_DEFAULT, _DEADLINE_MAX = timedelta(seconds=15), timedelta(minutes=10), timedelta(minutes=30)
_METHODS_WITH_BODY = {"POST", "PUT", "PATCH"}
_URL = re.compile(r"https?://[^/?#\s]+([/?#].*)?")
_HEADERS_REPLACED = {"host", "content-length", "user-agent", "connection", "transfer-encoding"}
_HEADERS_RESERVED = ("x-google-", "x-appengine-", "x-cloudtasks-")
_STATUSES_OF_SUCCESS = range(200, 300)
_RPC_UNKNOWN, _RPC_UNAVAILABLE = 2, 14


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with the first attempt of the tasks it chooses, pending now or created later.

    Attributes:
        which: A task id, a full task name, or a question asked of the task.
        twice: The request is sent two times at once; the service believes it sent one.
        late: How long after its schedule time the task fires.
        early: How long before its schedule time the task fires.
        lost: When it is due, the task is gone without an attempt; its name stays used.
    """

    which: str | Callable[[Task], bool]
    twice: bool = False
    late: timedelta = timedelta(0)
    early: timedelta = timedelta(0)
    lost: bool = False

    def strikes(self, task: Task) -> bool:
        """Whether the task is one of those this fault is about."""
        if isinstance(self.which, str):
            return self.which in {task.name, task.name.rpartition("/")[2]}
        return self.which(task)


@dataclass(frozen=True)
class PendingTask:
    """One task the server holds, as it was when you asked.

    Attributes:
        task: A copy with everything in it, the body too.
        fires_at: When it fires, or fired if it is in flight, faults included; `None` while its queue is paused.
        is_in_flight: Whether an attempt is under way.
    """

    task: Task
    fires_at: datetime | None
    is_in_flight: bool


class RefusedError(Exception):
    """The call gets this status instead of a reply."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


def _invalid(message: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, message)


@dataclass(eq=False)
class _Line:
    """One queue: its settings, its tasks, what is due when, and the names still in use after their task."""

    queue: Queue
    tasks: "dict[str, Held]" = field(default_factory=dict)
    agenda: "list[tuple[datetime, int, Held]]" = field(default_factory=list)
    names_kept_until: dict[str, datetime] = field(default_factory=dict)
    flying: int = 0

    @property
    def is_paused(self) -> bool:
        return bool(self.queue.state == Queue.State.PAUSED)


@dataclass(eq=False)
class Held:
    """One task and what the service remembers beside it."""

    task: Task
    line: _Line
    fires_at: datetime
    copies: int = 1
    is_lost: bool = False
    flying: int = 0
    executions: int = 0
    status_before: int | None = None


def _retry_settings(given: RetryConfig) -> RetryConfig:
    settings = RetryConfig(
        max_attempts=given.max_attempts or 100,
        max_retry_duration=given.max_retry_duration,
        min_backoff=given.min_backoff or timedelta(seconds=0.1),
        max_backoff=given.max_backoff or timedelta(hours=1),
        max_doublings=given.max_doublings or 16,
    )
    if settings.max_attempts < -1 or settings.max_doublings < 0 or settings.max_retry_duration < timedelta(0):
        raise _invalid("max_attempts is below -1, or max_doublings or max_retry_duration below 0")
    if not timedelta(0) < settings.min_backoff <= settings.max_backoff:
        raise _invalid(f"min_backoff [{settings.min_backoff}] is not between 0 and [{settings.max_backoff}]")
    return settings


def _queue_settings(given: Queue) -> Queue:
    limits = RateLimits(
        max_dispatches_per_second=given.rate_limits.max_dispatches_per_second or 500,
        max_concurrent_dispatches=given.rate_limits.max_concurrent_dispatches or 16,
    )
    if not 0 < limits.max_concurrent_dispatches <= 5000:  # noqa: PLR2004 - the service's own limit
        raise _invalid(f"max_concurrent_dispatches [{limits.max_concurrent_dispatches}] is not between 1 and 5000")
    retry = _retry_settings(given.retry_config)
    return Queue(name=given.name, rate_limits=limits, retry_config=retry, state=Queue.State.RUNNING)


def _backoff(retry: RetryConfig, failures: int) -> timedelta:
    """The wait after so many failures: doubling, then growing by the last doubled step, up to the longest."""
    step = retry.min_backoff.total_seconds() * 2 ** min(failures - 1, retry.max_doublings, 64)
    steps = max(1, failures - retry.max_doublings)
    return timedelta(seconds=min(step * steps, retry.max_backoff.total_seconds()))


def _is_spent(task: Task, retry: RetryConfig, now: datetime) -> bool:
    """Whether a failed task is given up: the attempts *and* the time are used up, or it has been tried for a month."""
    age = now - task.first_attempt.dispatch_time
    if retry.max_attempts == -1:
        attempts_are_up = retry.max_retry_duration > timedelta(0)
    else:
        attempts_are_up = task.dispatch_count >= retry.max_attempts
    return bool(age >= _RETENTION or (attempts_are_up and age >= retry.max_retry_duration))


def _check_task(task: Task, queue_name: str, now: datetime) -> None:
    named = _TASK_NAME.fullmatch(task.name)
    if task.name and (named is None or named[1] != queue_name):
        raise _invalid(f"task name [{task.name}] is not [{queue_name}]/tasks/[A-Za-z0-9_-]{{1,500}}")
    if "http_request" not in task or "oauth_token" in task.http_request:
        raise _invalid("only tasks with an http_request are taken, and no oauth_token")
    if (size := len(Task.serialize(task))) > _TASK_BYTES_MAX:
        raise _invalid(f"the task has [{size}] bytes, the limit is [{_TASK_BYTES_MAX}]")
    if "schedule_time" in task and task.schedule_time > now + _HORIZON:
        raise _invalid(f"schedule_time [{task.schedule_time}] is more than 720h after [{now}]")
    if "dispatch_deadline" in task and not _DEADLINE_MIN <= task.dispatch_deadline <= _DEADLINE_MAX:
        raise _invalid(f"dispatch_deadline [{task.dispatch_deadline}] is not between 15s and 30m")
    if not _URL.fullmatch(task.http_request.url) or len(task.http_request.url) > _URL_LENGTH_MAX:
        raise _invalid(
            f"url [{task.http_request.url[:100]}] is not http(s)://HOST of at most {_URL_LENGTH_MAX} letters"
        )
    if task.http_request.body and method_of(task.http_request) not in _METHODS_WITH_BODY:
        raise _invalid(f"a [{method_of(task.http_request)}] has no body")


def method_of(request: HttpRequest) -> str:
    """The HTTP method the task is sent with; POST when it names none."""
    return str(HttpMethod(request.http_method or HttpMethod.POST).name)


def _seen(held: "Held", view: Task.View) -> Task:
    seen = Task(held.task)
    seen.view = Task.View(view or Task.View.BASIC)
    if seen.view == Task.View.BASIC:
        seen.http_request.body = b""
    return seen


def _headers(held: Held) -> dict[str, str]:
    request, before = held.task.http_request, held.status_before
    replaced = _HEADERS_REPLACED | ({"authorization"} if "oidc_token" in request else set())
    own = {
        "User-Agent": "Google-Cloud-Tasks",
        "X-CloudTasks-QueueName": held.line.queue.name.rpartition("/")[2],
        "X-CloudTasks-TaskName": held.task.name.rpartition("/")[2],
        "X-CloudTasks-TaskRetryCount": str(held.task.dispatch_count),
        "X-CloudTasks-TaskExecutionCount": str(held.executions),
        "X-CloudTasks-TaskETA": f"{held.task.schedule_time.timestamp():.6f}",
    } | ({} if before is None else {"X-CloudTasks-TaskPreviousResponse": str(before)})
    kept = [name for name in request.headers if not name.lower().startswith(_HEADERS_RESERVED)]
    return {name: request.headers[name] for name in kept if name.lower() not in replaced} | own


class Book:
    """The rules of the service, without clock, threads or network: every call is told the time."""

    def __init__(self, send: Callable[[Held, dict[str, str]], None]) -> None:
        self._send = send
        self._lines: dict[str, _Line] = {}
        self._faults: tuple[Fault, ...] = ()
        self._serial = count()

    def calls(self) -> dict[str, Callable[[Any, datetime], Any]]:
        """Every RPC under its name: a request and the time give the reply."""
        return {
            "CreateQueue": self._create_queue,
            "GetQueue": lambda request, _: Queue(self._line(request.name).queue),
            "ListQueues": self._list_queues,
            "DeleteQueue": self._delete_queue,
            "PauseQueue": lambda request, _: self._turned(request.name, Queue.State.PAUSED),
            "ResumeQueue": lambda request, _: self._turned(request.name, Queue.State.RUNNING),
            "PurgeQueue": self._purge_queue,
            "CreateTask": self._create_task,
            "GetTask": lambda request, _: _seen(self._held(request.name), request.response_view),
            "ListTasks": self._list_tasks,
            "DeleteTask": lambda request, now: self._forget(self._held(request.name), now),
            "RunTask": self._run_task,
        }

    def fire_due(self, now: datetime, slots: int) -> None:
        """Send what is due, queue by queue, as far as each queue's limit and the slots go."""
        for line in self._lines.values():
            limit = line.queue.rate_limits.max_concurrent_dispatches
            while slots > 0 and line.flying < limit and (held := self._due(line, now)):
                heappop(line.agenda)
                if held.is_lost:
                    _log.debug("[%s] is lost", held.task.name)
                    self._forget(held, now)
                else:
                    slots -= held.copies
                    self._fire(held, now)

    def is_anything_due(self, now: datetime) -> bool:
        """Whether a task of a running queue waits to be sent."""
        return any(self._due(line, now) for line in self._lines.values())

    def landed(self, held: Held, status: int | None, reason: str, now: datetime) -> None:
        """Take in what came of a request: the task is done, tried again, or given up."""
        task, line = held.task, held.line
        held.flying -= 1
        line.flying -= 1
        if line.tasks.get(task.name) is not held:
            return
        task.last_attempt.response_time = now
        task.last_attempt.response_status = {"code": _RPC_UNKNOWN if status else _RPC_UNAVAILABLE, "message": reason}
        task.response_count += status is not None
        held.executions += status is not None and status < http.client.INTERNAL_SERVER_ERROR
        held.status_before = status
        retry = task.retry_config if "retry_config" in task else line.queue.retry_config
        if status in _STATUSES_OF_SUCCESS or (not held.flying and _is_spent(task, retry, now)):
            self._forget(held, now)
        elif not held.flying:
            task.schedule_time = now + _backoff(retry, task.dispatch_count)
            self._schedule(held)

    def pending(self) -> tuple[PendingTask, ...]:
        """Every task held, the next to fire first."""
        return tuple(
            PendingTask(Task(held.task), None if held.line.is_paused else held.fires_at, held.flying > 0)
            for held in sorted(self._all(), key=lambda held: held.fires_at)
        )

    def inject(self, *faults: Fault) -> None:
        """Add these faults, or end all of them when there are none."""
        self._faults = (*self._faults, *faults) if faults else ()
        for held in self._all():
            if not held.task.dispatch_count:
                self._schedule(held)

    def _create_queue(self, request: v2.CreateQueueRequest, _: datetime) -> Queue:
        queue = _queue_settings(request.queue)
        named = _QUEUE_NAME.fullmatch(queue.name)
        if named is None or named[1] != request.parent:
            raise _invalid(f"queue name [{queue.name}] is not [{request.parent}]/queues/[A-Za-z0-9-]{{1,100}}")
        if queue.name in self._lines:
            raise RefusedError(grpc.StatusCode.ALREADY_EXISTS, f"queue [{queue.name}] exists already")
        self._lines[queue.name] = _Line(queue)
        return Queue(queue)

    def _list_queues(self, request: v2.ListQueuesRequest, _: datetime) -> v2.ListQueuesResponse:
        names = sorted(name for name in self._lines if name.startswith(f"{request.parent}/queues/"))
        return v2.ListQueuesResponse(queues=[self._lines[name].queue for name in names])

    def _delete_queue(self, request: v2.DeleteQueueRequest, _: datetime) -> None:
        del self._lines[self._line(request.name).queue.name]

    def _turned(self, name: str, state: int) -> Queue:
        queue = self._line(name).queue
        queue.state = Queue.State(state)
        return Queue(queue)

    def _purge_queue(self, request: v2.PurgeQueueRequest, now: datetime) -> Queue:
        line = self._line(request.name)
        for held in list(line.tasks.values()):
            self._forget(held, now)
        line.queue.purge_time = now
        return Queue(line.queue)

    def _create_task(self, request: v2.CreateTaskRequest, now: datetime) -> Task:
        line, given = self._line(request.parent), request.task
        _check_task(given, request.parent, now)
        task = Task(
            name=self._claimed(line, given.name, now),
            http_request=given.http_request,
            create_time=now.replace(microsecond=0),
            schedule_time=max(now, given.schedule_time or now),
            dispatch_deadline=given.dispatch_deadline or _DEADLINE_DEFAULT,
        )
        if "retry_config" in given:
            task.retry_config = _retry_settings(given.retry_config)
        held = Held(task, line, now)
        self._schedule(held)  # first, so that a fault whose question fails leaves no task behind
        line.tasks[task.name] = held
        return _seen(held, request.response_view)

    def _list_tasks(self, request: v2.ListTasksRequest, _: datetime) -> v2.ListTasksResponse:
        held = self._line(request.parent).tasks.values()
        return v2.ListTasksResponse(tasks=[_seen(one, request.response_view) for one in held])

    def _run_task(self, request: v2.RunTaskRequest, now: datetime) -> Task:
        held = self._held(request.name)
        self._fire(held, now)
        return _seen(held, request.response_view)

    def _all(self) -> Iterator[Held]:
        return (held for line in self._lines.values() for held in line.tasks.values())

    def _line(self, name: str) -> _Line:
        if not _QUEUE_NAME.fullmatch(name):
            raise _invalid(f"queue name [{name}] is not projects/P/locations/L/queues/Q")
        if name not in self._lines:
            raise RefusedError(grpc.StatusCode.NOT_FOUND, f"no queue [{name}]")
        return self._lines[name]

    def _held(self, name: str) -> Held:
        named = _TASK_NAME.fullmatch(name)
        if named is None:
            raise _invalid(f"task name [{name}] is not projects/P/locations/L/queues/Q/tasks/T")
        tasks = self._line(named[1]).tasks
        if name not in tasks:
            raise RefusedError(grpc.StatusCode.NOT_FOUND, f"no task [{name}]: never created, finished or deleted")
        return tasks[name]

    def _claimed(self, line: _Line, name: str, now: datetime) -> str:
        while line.names_kept_until and next(iter(line.names_kept_until.values())) <= now:
            del line.names_kept_until[next(iter(line.names_kept_until))]
        if name in line.tasks or line.names_kept_until.get(name, now) > now:
            raise RefusedError(grpc.StatusCode.ALREADY_EXISTS, f"task [{name}] exists, or did in the last 24h")
        return name or f"{line.queue.name}/tasks/{secrets.randbelow(10**20):020d}"

    def _forget(self, held: Held, now: datetime) -> None:
        del held.line.tasks[held.task.name]
        held.line.names_kept_until[held.task.name] = now + _NAME_KEPT

    def _schedule(self, held: Held) -> None:
        faults = [] if held.task.dispatch_count else [fault for fault in self._faults if fault.strikes(held.task)]
        held.copies = 1 + any(fault.twice for fault in faults)
        held.is_lost = any(fault.lost for fault in faults)
        held.fires_at = sum((fault.late - fault.early for fault in faults), timedelta(0)) + held.task.schedule_time
        heappush(held.line.agenda, (held.fires_at, next(self._serial), held))
        _log.debug("[%s] fires at [%s]", held.task.name, held.fires_at)

    def _due(self, line: _Line, now: datetime) -> Held | None:
        """The task to fire now, if any; entries overtaken by a deletion, a new time or a flight fall out."""
        while line.agenda:
            fires_at, _, held = line.agenda[0]
            if line.tasks.get(held.task.name) is held and held.fires_at == fires_at and not held.flying:
                return held if fires_at <= now and not line.is_paused else None
            heappop(line.agenda)
        return None

    def _fire(self, held: Held, now: datetime) -> None:
        task, headers = held.task, _headers(held)
        task.last_attempt = Attempt(schedule_time=task.schedule_time, dispatch_time=now)
        if not task.dispatch_count:
            task.first_attempt = Attempt(dispatch_time=now)
        task.dispatch_count += 1
        copies, held.copies = held.copies, 1
        for _ in range(copies):
            held.flying += 1
            held.line.flying += 1
            self._send(held, headers)
