"""The doors for providers of forms as the world meets them, with a stand-in for the providers' APIs behind."""

import base64
import hmac
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from functions.forms.signature import sign
from functions.stack.relay import LocalKey
from schemas.connections import Connection
from schemas.ids import PersonId
from tests.functions import site as sites
from tests.functions.site import Site
from tests.support.vendor import Vendor, sample, vendor_at

NOW = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)
SECRET = "a secret of a provider, long enough"
WHSEC = "whsec_" + base64.b64encode(b"the secret of the script, 32 byt").decode()
PATH = "Zr8Qw1nB5kT3xV7mC9pL2sD4fG6hJ0aY"
TOPIC = "projects/p/topics/forms"
FORM_ID = sample("google_notice")["message"]["attributes"]["formId"]
SECRETS = {
    "spring-typeform": {"secrets": [SECRET]},
    "spring-tally": {"secrets": [SECRET]},
    "spring-jotform": {"path": PATH, "api_key": "a key of the account"},
    "spring-google": {"topic": TOPIC, "secrets": [WHSEC]},
}
NAMES = ("typeform", "tally", "jotform", "google_forms")


@contextmanager
def opened_with_forms(
    apps: Mapping[str, Flask], key: LocalKey, certs_url: str, begun: Path, folder: Path
) -> Iterator[tuple[Site, Vendor]]:
    """Serve a copy of a store with a connection for each provider, whose APIs a stand-in serves."""
    with vendor_at(NOW) as vendor:
        content = sample("jotform_submission")["content"]
        vendor.submissions[content["id"]] = content
        vendor.responses += sample("google_responses")["responses"]
        urls = {"google_forms": vendor.url, "jotform": vendor.url}
        more = {"SADARI_FORMS": json.dumps(SECRETS), "SADARI_FORMS_URLS": json.dumps(urls)}
        with sites.opened(apps, key, certs_url, Path(shutil.copy(begun, folder)), more) as site:
            site.store.clock.turn(NOW)
            for connection in sample("connections").values():
                assert site.cloud.connections.put(Connection.model_validate(connection), seen=0)
            yield site, vendor


def digest(body: bytes, secret: str = SECRET) -> str:
    """Give the base64 of the HMAC-SHA256 of a body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def post(site: Site, path: str, body: bytes, headers: Mapping[str, str], **more: Any) -> TestResponse:
    """Send a body to the door of a connection."""
    kind = {"content_type": "application/json", "content_length": len(body), **more}
    return site.client("intake").post(f"/forms/{path}", data=body, headers=dict(headers), **kind)


def multipart(fields: Mapping[str, str]) -> tuple[bytes, str]:
    """Write fields as a browser sends a form with files."""
    parts = "".join(
        f'--frontier\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return f"{parts}--frontier--\r\n".encode(), "multipart/form-data; boundary=frontier"


def typeform(site: Site, content: Any, *, signature: str | None = None) -> TestResponse:
    """Send what Typeform would, signed unless another signature is given."""
    body = json.dumps(content).encode()
    given = f"sha256={digest(body)}" if signature is None else signature
    return post(site, "spring-typeform", body, {"Typeform-Signature": given} if given else {})


def tally(site: Site, content: Any, *, signature: str | None = None) -> TestResponse:
    """Send what Tally would, signed unless another signature is given."""
    body = json.dumps(content).encode()
    given = digest(body) if signature is None else signature
    return post(site, "spring-tally", body, {"Tally-Signature": given} if given else {})


def jotform(site: Site, changed: Mapping[str, str] | None = None, *, path: str = PATH) -> TestResponse:
    """Send Jotform's webhook."""
    body, kind = multipart({**sample("jotform_webhook"), **(changed or {})})
    return post(site, f"spring-jotform/{path}", body, {}, content_type=kind)


def notify(site: Site, **attributes: str) -> TestResponse:
    """Push what a watch of Google's tells."""
    envelope = sample("google_notice")
    envelope["message"]["attributes"].update(attributes)
    return site.call("collect", json.dumps(envelope).encode())


def forward(site: Site, response: Any, submission: str = "r1") -> TestResponse:
    """Send a response on as the Apps Script of a form does."""
    body = json.dumps({"type": "google_forms.response", "formId": FORM_ID, "response": response}).encode()
    return post(site, "spring-google", body, sign(submission, body, WHSEC))


def send(site: Site, name: str) -> None:
    """Send the documented sample of a provider."""
    match name:
        case "typeform":
            assert typeform(site, sample("typeform")).status_code == 202
        case "tally":
            assert tally(site, sample("tally")).status_code == 202
        case "jotform":
            assert jotform(site).status_code == 202
        case "google_forms":
            assert notify(site).status_code == 204


def letters(site: Site) -> list[str]:
    """Give the notices that letters were written of."""
    return [letter.notice for letter in site.store.ports.letters.find()]


def quarantined(site: Site) -> list[str]:
    """Give the reasons of what waits in the quarantine."""
    return [row.reason for row in site.store.ports.quarantine.find()]


def only_case(site: Site) -> Any:
    """Give the one application that there is."""
    (case,) = site.store.ports.cases.find(workflow="application")
    return case


def person_of(site: Site, case: Any) -> Any:
    """Give what the vault knows of a case's person."""
    return site.store.ports.vault.get(PersonId(case.person), reader="test", reason="test")
