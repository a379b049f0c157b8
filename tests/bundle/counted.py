"""Serves one function as the command functions-framework does, and says whenever a client is made."""

import functools
import sys
from typing import Any

from functions_framework._cli import _cli
from google.cloud.firestore import Client
from google.cloud.tasks_v2 import CloudTasksClient
from google.pubsub_v1 import PublisherClient


def counted(kind: Any) -> None:
    """Say on standard error when one of this kind is made."""
    make = kind.__init__

    @functools.wraps(make)
    def told(self: Any, *arguments: Any, **named: Any) -> None:
        sys.stderr.write(f"made {kind.__name__}\n")
        sys.stderr.flush()
        make(self, *arguments, **named)

    kind.__init__ = told


if __name__ == "__main__":
    for each in (Client, CloudTasksClient, PublisherClient):
        counted(each)
    _cli()
