"""The local stack as a demo's world: everything over HTTP, Pub/Sub, Cloud Tasks and Firestore."""

import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

import grpc
import urllib3
from google.api_core.exceptions import NotFound
from google.cloud.tasks_v2 import CloudTasksClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from functions.forms.signature import sign
from functions.stack.local_stack import QUEUE, LocalStack
from schemas.ids import CaseId, MessageId
from workflows.engine.decide import ring_message_id
from workflows.runtime.ports import Alarm

REST_SECONDS = 0.02
TASK_SECONDS_MAX = 30.0


class StackWorld:
    """The local stack, with its queue of timers paused: the driver lets each alarm go off in its turn."""

    name = "emulator"

    def __init__(self, stack: LocalStack, source: str, secret: str) -> None:
        """Take over a running stack.

        Args:
            stack: Running, and empty.
            source: The name under which to send to `intake`.
            secret: That source's signing secret.
        """
        self._stack = stack
        self._source = source
        self._secret = secret
        self._http = urllib3.PoolManager(maxsize=4, retries=False, timeout=60)
        self._channel = grpc.insecure_channel(stack.settings.tasks_address)
        self._tasks = CloudTasksClient(transport=CloudTasksGrpcTransport(channel=self._channel))
        self._tasks.pause_queue(name=QUEUE)
        self.ports = stack.cloud().ports

    def turn(self, to: datetime) -> None:
        """Turn the clock that every part of the stack reads."""
        self._stack.clock.turn(to)

    def post(self, path: str, mimetype: str, body: bytes, submission: str) -> dict[str, Any]:
        """Send a signed body to `intake`, and give its answer."""
        headers = {"Content-Type": mimetype, **sign(submission, body, self._secret)}
        url = f"{self._stack.functions_url}/intake/{self._source}/{path}"
        answer = self._http.request("POST", url, body=body, headers=headers)
        if answer.status != 202:  # noqa: PLR2004  taken in
            raise RuntimeError(f"intake answered [{answer.status}]: {answer.data.decode()[:500]}")
        return dict(answer.json())

    def ring(self, alarms: Sequence[Alarm]) -> None:
        """Let Cloud Tasks run these alarms now."""
        for alarm in alarms:
            self._run(ring_message_id(alarm.case, alarm.key, alarm.timer))

    def _run(self, name: str) -> None:
        """Run one task.  It is made after the entry that we know it from, so it may not be there yet."""
        gives_up_at = time.monotonic() + TASK_SECONDS_MAX
        while True:
            try:
                self._tasks.run_task(name=f"{QUEUE}/tasks/{name}")
            except NotFound:
                if time.monotonic() > gives_up_at:
                    raise
                time.sleep(REST_SECONDS)
            else:
                return

    def sweep(self) -> list[tuple[CaseId, MessageId]]:
        """Call `sweep` as Cloud Scheduler would."""
        headers = {"Authorization": f"Bearer {self._stack.token()}", "Content-Type": "application/json"}
        answer = self._http.request("POST", f"{self._stack.functions_url}/sweep", body=b"{}", headers=headers)
        return [(CaseId(each["case"]), MessageId(each["message"])) for each in json.loads(answer.data)["rung"]]

    def settle(self) -> None:
        """Give the stack a moment."""
        time.sleep(REST_SECONDS)

    def instant(self) -> AbstractContextManager[object]:
        """Give the context of what happens at one instant of the clock: each write stands alone here."""
        return nullcontext()

    def close(self) -> None:
        """Close the connections."""
        self._channel.close()
        self._http.clear()
