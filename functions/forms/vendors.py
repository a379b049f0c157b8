"""The APIs of the providers, each made when it is first asked."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from functions.form_settings import NO_SECRETS, FormSecrets
from functions.forms.providers import google_forms, jotform, tally, typeform
from functions.forms.providers.google_forms import GoogleFormsApi
from functions.forms.providers.jotform import JotformApi
from functions.forms.providers.submission import Listed
from functions.forms.providers.vendor_api import VendorApi
from schemas.connections import Connection
from workflows.runtime.connect import Types

TYPES: Types = {
    "google_forms": google_forms.TYPES,
    "typeform": typeform.TYPES,
    "tally": tally.TYPES,
    "jotform": jotform.TYPES,
}
JOTFORM_URLS = {"": jotform.BASE_URL, "eu": "https://eu-api.jotform.com"}


LISTED = ("google_forms", "jotform")
"""Providers that can be asked for what was submitted; the others only send."""


class Lists(Protocol):
    """An API that gives what was submitted."""

    def submissions(self, form_id: str, since: datetime | None) -> Iterator[Listed]:
        """Give what was submitted to a form since then, or all."""


class Vendors:
    """The APIs behind connections, with the secrets of each.

    Attributes:
        listed_at: When this process last began to read a connection through, by the real clock.
    """

    def __init__(self, secrets: Mapping[str, FormSecrets], urls: Mapping[str, str], token: Callable[[], str]) -> None:
        """Ask nothing yet.

        Args:
            secrets: By connection.
            urls: Where an API is, if not at its provider's own address.
            token: Gives an access token of Google for the forms.
        """
        self._secrets = secrets
        self._urls = urls
        self._token = token
        self.listed_at: dict[str, datetime] = {}

    def secrets(self, connection: Connection | None) -> FormSecrets:
        """Give the secrets of a connection; for one without any, such as let nobody in."""
        return NO_SECRETS if connection is None else self._secrets.get(connection.id, NO_SECRETS)

    def google(self, connection: Connection) -> GoogleFormsApi:
        """Give the API of Google Forms."""
        url = self._urls.get("google_forms", google_forms.BASE_URL)
        return GoogleFormsApi(VendorApi(url), token=self._token, topic=self.secrets(connection).topic)

    def jotform(self, connection: Connection) -> JotformApi:
        """Give the API of Jotform."""
        secrets = self.secrets(connection)
        url = self._urls.get("jotform", JOTFORM_URLS[secrets.region])
        return JotformApi(VendorApi(url), key=secrets.api_key, time_zone=connection.time_zone)

    def listing(self, connection: Connection) -> Lists | None:
        """Give the API that lists what was submitted; None for providers that only send."""
        match connection.provider:
            case "google_forms":
                return self.google(connection)
            case "jotform":
                return self.jotform(connection)
        return None
