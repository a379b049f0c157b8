"""The alarm clock of attempts: Cloud Tasks, on a queue of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from google.api_core.exceptions import AlreadyExists
from google.cloud.tasks_v2 import CloudTasksClient, HttpMethod, HttpRequest, OidcToken, Task

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking, origin_of
from functions.observe.call import count, passed_on, step
from workflows.runtime.attempt import due_to_json
from workflows.runtime.partner_ports import Due

DISPATCH_SECONDS_MAX = 60
"""Longer than the longest call, and short enough that a lost one is soon made again."""


class CloudTasksAttempts:
    """An `AttemptAlarms` on a Cloud Tasks queue; each attempt is a task with a name of its own."""

    def __init__(self, client: CloudTasksClient, *, queue: str, attempt_url: str, service_account_email: str) -> None:
        """Call nobody yet.

        Args:
            client: The vendor's client.
            queue: `projects/…/locations/…/queues/…`.
            attempt_url: Where a task that is due is posted.
            service_account_email: Who posts it.
        """
        self._client = client
        self._queue = queue
        self._url = attempt_url
        self._token = OidcToken(service_account_email=service_account_email, audience=origin_of(attempt_url))

    def start(self, dues: Sequence[Due]) -> None:
        """Set each alarm; one that is set already is left alone."""
        for due in dues:
            count(rpcs=1, tasks=1)
            with asking("Cloud Tasks"), step("CreateTask"):
                try:
                    self._client.create_task(
                        parent=self._queue, task=self._task(due), retry=None, timeout=CALL_SECONDS_MAX
                    )
                except AlreadyExists:
                    continue

    def forget(self, before: datetime, *, limit: int) -> int:  # noqa: ARG002
        """Do nothing: Cloud Tasks forgets by itself what has gone off."""
        return 0

    def _task(self, due: Due) -> Task:
        return Task(
            name=f"{self._queue}/tasks/{due.name}",
            schedule_time=due.at,
            dispatch_deadline=timedelta(seconds=DISPATCH_SECONDS_MAX),
            http_request=HttpRequest(
                url=self._url,
                http_method=HttpMethod.POST,
                headers={"Content-Type": "application/json", **passed_on()},
                body=due_to_json(due),
                oidc_token=self._token,
            ),
        )
