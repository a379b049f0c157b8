"""The entry points as the world meets them: over HTTP, signed, and in front of one SQLite file."""

import base64
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import functions.main
from functions import bootstrap
from functions.embedded import Embedded
from functions.forms.signature import sign
from functions.stack.relay import LocalKey
from schemas.roles import ROLES
from tests.corpus.rounds import KEY, SPRING

MAIN = Path(functions.main.__file__)
NAMES = ("intake", "advance", "ring", "sweep", "bury", "deliver", "attempt", "collect", "reports")
SITES = ("console", "portal", "api")
PUSHED = ("advance", "bury", "deliver")
CALLED_BY_US = ("advance", "ring", "sweep", "bury", "deliver", "attempt", "collect")

AUDIENCE = "https://sadari.example"
CALLER = "caller@sadari.iam.gserviceaccount.com"
JSON, CSV = "application/json", "text/csv"
SECRETS = {
    "desk": "whsec_" + base64.b64encode(b"the secret of the desk, 32 bytes").decode(),
    "lms": "whsec_" + base64.b64encode(b"the secret of the lms, 32 bytes.").decode(),
}
SOURCES = {
    "desk": {"secrets": [SECRETS["desk"]], "roles": sorted(ROLES)},
    "lms": {"secrets": [SECRETS["lms"]], "roles": ["instructor"]},
}


def apps() -> dict[str, Flask]:
    """Make the functions as functions-framework does, and undo what that leaves behind in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", list(sys.path))
        patch.setitem(sys.modules, "main", functions.main)
        for name in ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE"):
            patch.setenv(name, "")
            patch.delenv(name)
        return {name: functions_framework.create_app(name, str(MAIN)) for name in NAMES}


def environment(store: Path, certs_url: str) -> dict[str, str]:
    """Give what the functions run with on the embedded backend."""
    return {
        "SADARI_STORE": str(store),
        "SADARI_KEY": base64.b64encode(KEY).decode(),
        "SADARI_CALLER": CALLER,
        "SADARI_AUDIENCE": AUDIENCE,
        "SADARI_CERTS_URL": certs_url,
        "SADARI_SOURCES": json.dumps(SOURCES),
    }


@dataclass
class Site:
    """The six functions on one store."""

    apps: Mapping[str, Flask]
    key: LocalKey

    @property
    def cloud(self) -> bootstrap.Cloud:
        """What the functions of this process share."""
        return bootstrap.cloud()

    @property
    def store(self) -> Embedded:
        """What is behind the functions."""
        return self.cloud._embedded

    def client(self, name: str) -> FlaskClient:
        """Give a caller of one function."""
        return self.apps[name].test_client()

    def hand_in(
        self,
        path: str,
        body: Any,
        submission: str = "s1",
        *,
        mimetype: str = JSON,
        source: str = "desk",
    ) -> TestResponse:
        """Send a signed body to `intake`."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = sign(submission, raw, SECRETS[source])
        return self.client("intake").post(
            f"/{source}/{path}", data=raw, content_type=mimetype, content_length=len(raw), headers=headers
        )

    def apply(self, form: Any, submission: str = "s1") -> TestResponse:
        """Send an application for the open round."""
        return self.hand_in(f"applications/{SPRING}", form, submission)

    def token(self, **claims: object) -> str:
        """Give a token such as Pub/Sub and Cloud Tasks bring, with other claims."""
        audience, email = str(claims.pop("aud", AUDIENCE)), str(claims.pop("email", CALLER))
        return self.key.sign(email, audience, **claims)

    def call(self, name: str, body: bytes = b"{}") -> TestResponse:
        """Call a function as our own Pub/Sub and Cloud Tasks do."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        return self.client(name).post("/", data=body, content_type=JSON, headers=headers)

    def push(self, name: str, content: Any, **envelope: Any) -> TestResponse:
        """Push a message, as it is or as the JSON of a model."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.call(name, envelope_of(data, **envelope))

    def pump(self) -> None:
        """Push what waits in the queue to its functions, until nothing waits any more; everything must be accepted."""
        topics = {"events": "advance", "notices": "deliver"}
        while rows := self.store.database.all("select place, topic, blob, trace from queue order by place"):
            for place, topic, blob, trace in rows:
                answer = self.push(topics[topic], blob.encode(), attributes={"topic": topic, "traceparent": trace})
                assert answer.status_code == 204, answer.text
                self.store.database.execute("delete from queue where place = ?", (place,))


def envelope_of(data: bytes, **more: Any) -> bytes:
    """Give the body of a push from Pub/Sub."""
    message = {"data": base64.b64encode(data).decode(), "messageId": "1", "message_id": "1", **more}
    return json.dumps({"message": message, "subscription": "projects/p/subscriptions/s"}).encode()


@contextmanager
def opened(
    apps: Mapping[str, Flask], key: LocalKey, certs_url: str, store: Path, more: Mapping[str, str] | None = None
) -> Iterator[Site]:
    """Serve a store for a while, with more settings if there are any."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "_cloud", [])
        with pytest.MonkeyPatch.context() as environ:
            for name, value in {**environment(store, certs_url), **(more or {})}.items():
                environ.setenv(name, value)
            bootstrap.cloud()
        site = Site(apps, key)
        yield site
        site.store.close()
