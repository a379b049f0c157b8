"""The floor: one function that does for one event what no function can leave out, with the same clients.

It verifies the token of the push, reads one document, commits two, publishes one message, and decides nothing.
"""

import base64
import json
import os
import threading
from functools import cache
from typing import Any

import functions_framework
import grpc
import urllib3
from flask import Request, Response
from google.auth import jwt
from google.cloud.firestore import Client
from google.pubsub_v1 import PublisherClient, PubsubMessage
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

_making = threading.Lock()


@functions_framework.http
def advance(request: Request) -> Response:
    """Take one push."""
    with _making:
        certs, store, publisher = _certs(), _store(), _publisher()
    token = request.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, certs=certs, audience=os.environ["BARE_AUDIENCE"])
    if claims["email"] != os.environ["SADARI_CALLER"] or not claims["email_verified"]:
        return Response(status=403)
    data = base64.b64decode(request.get_json()["message"]["data"])
    message = json.loads(data)
    case = store.document("cases", message["case"])
    seen = case.get(retry=None, timeout=5)
    batch = store.batch()
    blob = data.decode()
    batch.create(case.collection("history").document(message["id"]), {"seq": 1, "hash": "h" * 64, "blob": blob})
    fields = {"workflow": "application", "stage": "submitted", "cohort": "2027", "blob": blob}
    assert not seen.exists
    batch.create(case, fields)
    batch.commit(retry=None, timeout=5)
    facts = {"id": message["id"], "type": message["type"], "case": message["case"]}
    topic = f"projects/{os.environ['GOOGLE_CLOUD_PROJECT']}/topics/notices"
    publisher.publish(topic=topic, messages=[PubsubMessage(data=data, attributes=facts)], retry=None, timeout=10)
    return Response(status=204)


@cache
def _certs() -> Any:
    return json.loads(urllib3.request("GET", os.environ["SADARI_CERTS_URL"], timeout=5).data)


@cache
def _store() -> Client:
    return Client(project=os.environ["GOOGLE_CLOUD_PROJECT"])


@cache
def _publisher() -> PublisherClient:
    channel = grpc.insecure_channel(os.environ["PUBSUB_EMULATOR_HOST"])
    return PublisherClient(transport=PublisherGrpcTransport(channel=channel))
