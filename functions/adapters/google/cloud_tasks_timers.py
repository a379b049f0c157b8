"""The alarm clock: Cloud Tasks."""

from collections.abc import Sequence

from google.api_core.exceptions import AlreadyExists
from google.cloud.tasks_v2 import CloudTasksClient, HttpMethod, HttpRequest, OidcToken, Task

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking, origin_of
from functions.observe.call import count, passed_on, step
from workflows.engine.decide import ring_message_id
from workflows.runtime.ports import Alarm
from workflows.runtime.ring import alarm_to_json


class CloudTasksTimers:
    """A `Timers` on a Cloud Tasks queue.

    Each alarm is a task with a name of its own.  Cloud Tasks remembers a name for up to a day after the task is done,
    so an alarm that is set again does not go off again.
    """

    def __init__(self, client: CloudTasksClient, *, queue: str, ring_url: str, service_account_email: str) -> None:
        """Call nobody yet.

        Args:
            client: The vendor's client.
            queue: `projects/…/locations/…/queues/…`.
            ring_url: Where a task that is due is posted.
            service_account_email: Who posts it.
        """
        self._client = client
        self._queue = queue
        self._url = ring_url
        self._token = OidcToken(service_account_email=service_account_email, audience=origin_of(ring_url))

    def start(self, alarms: Sequence[Alarm]) -> None:
        """Set each alarm for its `rings_at`; one that is set already is left alone."""
        for alarm in alarms:
            count(rpcs=1, tasks=1)
            with asking("Cloud Tasks"), step("CreateTask"):
                try:
                    self._client.create_task(
                        parent=self._queue, task=self._task(alarm), retry=None, timeout=CALL_SECONDS_MAX
                    )
                except AlreadyExists:
                    continue

    def _task(self, alarm: Alarm) -> Task:
        return Task(
            name=f"{self._queue}/tasks/{ring_message_id(alarm.case, alarm.key, alarm.timer)}",
            schedule_time=alarm.timer.rings_at,
            http_request=HttpRequest(
                url=self._url,
                http_method=HttpMethod.POST,
                headers={"Content-Type": "application/json", **passed_on()},
                body=alarm_to_json(alarm),
                oidc_token=self._token,
            ),
        )
