"""Chooses the adapters.  Nothing connects before the first use."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from functions.adapters.local.file_clock import FileClock
from functions.adapters.local.system_clock import SystemClock
from functions.deferred import deferred
from functions.observe import log
from functions.observe.told_quarantine import ToldQuarantine
from functions.patience import Patience
from functions.settings import Settings, SettingsError, is_served, project_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from google.cloud.firestore import Client

    from functions.adapters.google.id_token import IdTokenVerifier
    from functions.embedded import Embedded
    from functions.forms.collecting import Collector
    from functions.forms.vendors import Vendors
    from functions.links import Links
    from functions.observe.spans import Spans
    from functions.partner_settings import PartnerSettings
    from functions.post.settings import Dealer, MailServer
    from schemas.letters import ChannelName
    from workflows.runtime.form_ports import Connections
    from workflows.runtime.partner_ports import AttemptAlarms, Deliveries, Keys, PartnerPorts, Subscriptions
    from workflows.runtime.ports import Clock, Ports
    from workflows.runtime.post_ports import Channel, Post, Scribe
    from workflows.runtime.staff_ports import StaffPorts


class Cloud:
    """Sadari behind its entry points: on Firestore, Pub/Sub and Cloud Tasks, or on the store that the settings name.

    Each client is made on first use, and once.  What is published on the embedded backend waits in the store's queue
    for whoever runs a `Worker` on the same file.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._making = threading.RLock()

    @property
    def ports(self) -> Ports:
        """All ports, wired."""
        with self._making:
            return self._ports

    @cached_property
    def _ports(self) -> Ports:
        if self.settings.store_path:
            return replace(self._embedded.ports, quarantine=ToldQuarantine(self._embedded.ports.quarantine))
        from functions.adapters.google import wiring  # noqa: PLC0415  the vendor is imported on first use

        scribe = deferred(self._make_scribe)
        return wiring.ports(self.settings, self._store, self.clock, scribe=scribe, tries=Patience(), post=self._post)

    @cached_property
    def _store(self) -> Client:
        from functions.adapters.google import wiring  # noqa: PLC0415  the vendor is imported on first use

        return wiring.client(self.settings)

    def _make_scribe(self) -> Scribe:
        from functions.scribe import TemplateScribe  # noqa: PLC0415  few functions write letters

        return TemplateScribe(links=self.links.carried_by)

    @property
    def staff_ports(self) -> StaffPorts:
        """What the console needs beside the cases, wired."""
        with self._making:
            return self._staff_ports

    @cached_property
    def _staff_ports(self) -> StaffPorts:
        if self.settings.store_path:
            return self._embedded.staff_ports
        from functions.adapters.google import wiring  # noqa: PLC0415  the vendor is imported on first use

        return wiring.staff_ports(self._store)

    @property
    def connections(self) -> Connections:
        """The connections to forms at providers, wired."""
        with self._making:
            return self._connections

    @cached_property
    def _connections(self) -> Connections:
        if self.settings.store_path:
            return self._embedded.connections
        from functions.adapters.google import wiring  # noqa: PLC0415  the vendor is imported on first use

        return wiring.connections(self._store)

    @property
    def vendors(self) -> Vendors:
        """The APIs of the providers of forms."""
        with self._making:
            return self._vendors

    @cached_property
    def _vendors(self) -> Vendors:
        from functions.forms.vendors import Vendors  # noqa: PLC0415  few functions speak to providers

        return Vendors(self.settings.forms, self.settings.forms_urls, self._forms_token)

    @property
    def collector(self) -> Collector:
        """Whoever fetches what was submitted at providers."""
        from functions.forms.collecting import Collector  # noqa: PLC0415  as above

        return Collector(self.connections, self.vendors, self.settings.key, self.ports)

    def _forms_token(self) -> str:
        if "google_forms" in self.settings.forms_urls:
            return "a stand-in takes any token"
        with self._making:
            token = self._google_token
        return token()

    @cached_property
    def _google_token(self) -> Callable[[], str]:
        from functions.adapters.google.forms_token import FormsToken  # noqa: PLC0415  few functions read forms

        return FormsToken()

    @property
    def subscriptions(self) -> Subscriptions:
        """What partners asked to be told; also where nothing says how to tell them."""
        with self._making:
            return self._partner_records[0]

    @property
    def deliveries(self) -> Deliveries:
        """What is on its way to partners; also where nothing says how to send it."""
        with self._making:
            return self._partner_records[1]

    @cached_property
    def _partner_records(self) -> tuple[Subscriptions, Deliveries]:
        if self.settings.store_path:
            return self._embedded.subscriptions, self._embedded.deliveries
        from functions.adapters.google import wiring  # noqa: PLC0415  the vendor is imported on first use

        return wiring.partner_records(self._store)

    @property
    def partner_ports(self) -> PartnerPorts:
        """What telling partners needs, wired.

        Raises:
            SettingsError: Partners are not told.
        """
        with self._making:
            return self._partner_ports

    @cached_property
    def _partner_ports(self) -> PartnerPorts:
        if self.settings.partners is None:
            raise SettingsError("SADARI_PARTNERS is missing")
        if self._embedded_partners is not None:
            return self._embedded_partners
        from functions.adapters.google import wiring  # noqa: PLC0415  the vendor is imported on first use

        stores = wiring.partner_stores(self.settings, self._store, self.settings.partners)
        made = make_partner_ports(self.settings.partners, self.settings.key, self.ports, *stores)
        return replace(made, feed=wiring.partner_feed(self.settings, self.settings.partners))

    @property
    def _embedded_partners(self) -> PartnerPorts | None:
        return self._embedded.partner_ports if self.settings.store_path else None

    @cached_property
    def _embedded(self) -> Embedded:
        from functions.embedded import Embedded  # noqa: PLC0415  never in production

        settings = self.settings
        return Embedded(
            settings.store_path, links=self.links, post=self._post, partners=settings.partners, key=settings.key
        )

    @cached_property
    def _post(self) -> Post:
        return deferred(lambda: make_post(self.settings.mail, self.settings.dealer))

    @cached_property
    def links(self) -> Links:
        """Whoever makes and reads the links in letters."""
        from functions.links import Links  # noqa: PLC0415  few functions make links

        return Links(self.settings.portal_url, self.settings.key, self.settings.link_keys)

    @cached_property
    def clock(self) -> Clock:
        """The system's clock, or the one of the local stack."""
        return FileClock(self.settings.clock_path) if self.settings.clock_path else SystemClock()

    @property
    def spans(self) -> Spans | None:
        """The way that spans go; None where they go nowhere, and then nothing of it is even imported."""
        with self._making:
            return self._spans

    @cached_property
    def _spans(self) -> Spans | None:
        if self.settings.traces is None:
            return None
        from functions.observe.spans import spans_to  # noqa: PLC0415  as said

        return spans_to(self.settings.traces.to, self.settings.project)

    @property
    def verifier(self) -> IdTokenVerifier:
        """Whoever checks the tokens of our callers."""
        with self._making:
            return self._verifier

    @cached_property
    def _verifier(self) -> IdTokenVerifier:
        from functions.adapters.google.id_token import IdTokenVerifier  # noqa: PLC0415  only functions verify tokens

        settings = self.settings
        emails = frozenset({settings.caller})
        return IdTokenVerifier(
            certs_url=settings.certs_url,
            audience=settings.audience,
            emails=emails,
            is_behind_iam=settings.is_behind_iam,
        )


_starting = threading.Lock()
_cloud: list[Cloud] = []


def cloud() -> Cloud:
    """Give the one `Cloud` of this process, made from the environment on first use.

    Raises:
        SettingsError: The environment is not fit to start in.
    """
    if not _cloud:
        with _starting:
            if not _cloud:
                if is_served(os.environ):
                    log.begin(project_of(os.environ))
                _cloud.append(Cloud(Settings.from_env(os.environ)))
    return _cloud[0]


def check() -> None:
    """Look whether the environment is fit to start in; connects to nothing, and keeps nothing.

    Raises:
        SystemExit: It is not, and a line says why.
    """
    try:
        Settings.from_env(os.environ)
    except SettingsError as error:
        log.begin(project_of(os.environ))
        log.tell_failure(error, fault=str(error))
        raise SystemExit(1) from error


def make_post(mail: MailServer | None, dealer: Dealer | None) -> Post:
    """Give the channels that are set up, with the rules for using them; what is not set up is not even imported."""
    from functions.post.rules import read_rules  # noqa: PLC0415  few functions send letters
    from workflows.runtime.post_ports import Post  # noqa: PLC0415

    channels: dict[ChannelName, Channel] = {}
    if mail is not None:
        from functions.adapters.mail.smtp_channel import SmtpChannel  # noqa: PLC0415

        channels["mail"] = SmtpChannel(mail)
    if dealer is not None:
        from functions.adapters.dealer.dealer_api import DealerApi  # noqa: PLC0415
        from functions.adapters.dealer.message_channels import AlimtalkChannel, TextChannel  # noqa: PLC0415
        from functions.post.short_texts import ShortTexts  # noqa: PLC0415

        api, texts = DealerApi(dealer), ShortTexts()
        channels |= {"alimtalk": AlimtalkChannel(api, texts), "sms": TextChannel(api, texts)}
    return Post(channels=channels, rules=read_rules())


def make_partner_ports(
    partners: PartnerSettings,
    key: bytes,
    ports: Ports,
    subscriptions: Subscriptions,
    deliveries: Deliveries,
    keys: Keys,
    alarms: AttemptAlarms,
) -> PartnerPorts:
    """Give what telling partners needs, on the stores of a backend."""
    from functions.adapters.webhook.pinned_caller import PinnedCaller  # noqa: PLC0415  few functions call partners
    from functions.sealer import KeySealer  # noqa: PLC0415
    from functions.slots import ProcessSlots  # noqa: PLC0415
    from functions.warner import QuarantinedWarnings  # noqa: PLC0415
    from workflows.runtime.partner_ports import PartnerPorts  # noqa: PLC0415

    return PartnerPorts(
        subscriptions=subscriptions,
        deliveries=deliveries,
        keys=keys,
        alarms=alarms,
        caller=PinnedCaller(ours=partners.ours, admitted=partners.admitted),
        sealer=KeySealer(key),
        slots=ProcessSlots(),
        wall_clock=SystemClock(),
        warnings=QuarantinedWarnings(ports.quarantine, ports.clock),
        origin=partners.origin,
        api_url=partners.url,
    )


def file_clock(path: Path) -> FileClock:
    """Give the clock of a local stack."""
    return FileClock(path)
