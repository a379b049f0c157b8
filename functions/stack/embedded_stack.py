"""The functions on the embedded backend: HTTP doors in front of one SQLite file, and a worker behind them."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from functions.dispatcher import Dispatcher
from functions.embedded import NO_POST, Embedded
from functions.links import Links
from functions.partner_settings import read_partners
from functions.stack.functions_server import FunctionsServer, free_port
from functions.stack.issuer import LocalIssuer, seat_staff
from functions.stack.relay import LocalKey, Relay
from functions.stack.traces import traces_to
from functions.store_files import STORE, write_environment
from workflows.engine.moments import SEOUL
from workflows.runtime.destroy import destroy_due
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Ports
from workflows.runtime.post_ports import Post
from workflows.runtime.sweep import sweep
from workflows.runtime.tend import tend_deliveries

ORIGIN = "sadari.local"
AUDIENCE = "https://sadari.local"
CALLER = "caller@local"


class EmbeddedStack:
    """The local stack without Java.  What it holds stays in `{home}/sadari.db`."""

    def __init__(
        self,
        home: Path,
        *,
        key: bytes,
        sources: Mapping[str, object],
        sends: bool = False,
        admitted: Sequence[str] | None = None,
        traces: bool = False,
        forms: str = "",
    ) -> None:
        """Start nothing yet.

        Args:
            home: A folder for the store and the logs.
            key: Names persons without showing their contacts.
            sources: Who may send to `intake`, as in SADARI_SOURCES.
            sends: Whether letters are sent, to a mail server and a dealer of the stack's own.
            admitted: Receivers of partners on this machine, `127.0.0.1:PORT`; None: partners are not told.
            traces: Whether every call writes its spans to `spans.jsonl`.
            forms: The secrets of connections, as in SADARI_FORMS.
        """
        self._sends = sends
        self._admitted = admitted
        self._traces = traces
        self._forms = forms
        self._home = home
        self._key = key
        self._sources = sources
        self._running = ExitStack()
        self._embedded: Embedded | None = None
        self._dispatcher: Dispatcher | None = None
        self._url = ""

    def start(self, tell: Callable[[str], None] = lambda _line: None) -> None:
        """Start the functions and the worker.

        Raises:
            FunctionsError: The functions did not come up.
        """
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            relay = self._running.enter_context(Relay(LocalKey(), {}))
            tell("issuer")
            issuer = self._running.enter_context(LocalIssuer(self._home))
            port = free_port()
            links = Links(f"http://127.0.0.1:{port}/portal", self._key)
            post, sending = self._post_office(f"http://127.0.0.1:{port}", tell)
            telling = self._partnering(f"http://127.0.0.1:{port}/api")
            partners = read_partners({**telling, "SADARI_STORE": "here"}, [], addresses=frozenset({links.portal_url}))
            self._embedded = Embedded(self._store, links=links, post=post, partners=partners, key=self._key)
            self._running.callback(self._embedded.close)
            self._dispatch()
            seat_staff(self._embedded.staff_ports.members)
            tell("functions")
            console = issuer.console(f"http://127.0.0.1:{port}/console")
            pages = {"SADARI_CONSOLE": console, "SADARI_PORTAL_URL": links.portal_url}
            environment = {**self._environment(relay), **pages, **telling, **sending}
            write_environment(self._home, environment)
            server = self._running.enter_context(FunctionsServer(self._home, environment, port))
            self._url = server.url
        except BaseException:
            self.stop()
            raise

    def _partnering(self, api_url: str) -> dict[str, str]:
        if self._admitted is None:
            return {}
        told = {"origin": ORIGIN, "url": api_url, "admitted": list(self._admitted)}
        return {"SADARI_PARTNERS": json.dumps(told)}

    def _dispatch(self) -> None:
        """Make the attempts of deliveries in this process."""
        embedded = self._embedded
        if embedded is not None and embedded.partner_ports is not None:
            self._dispatcher = Dispatcher(embedded.attempt_alarms, embedded.ports, embedded.partner_ports)
            self._running.callback(self._dispatcher.close)

    def partners(self) -> tuple[Ports, PartnerPorts]:
        """Give what telling partners needs, in this process."""
        if self._embedded is None or self._embedded.partner_ports is None:
            raise RuntimeError("this stack does not tell partners")
        return self._embedded.ports, self._embedded.partner_ports

    def _post_office(self, functions_url: str, tell: Callable[[str], None]) -> tuple[Post, dict[str, str]]:
        """Start a mail server and a dealer of messages if letters are to be sent; give the channels and settings."""
        if not self._sends:
            return NO_POST, {}
        from functions.stack.post_office import PostOffice  # noqa: PLC0415  the mail server is a developer's tool

        tell("mail server, dealer of messages")
        office = self._running.enter_context(PostOffice(self._home, functions_url))
        return office.post(), office.environment()

    @property
    def _store(self) -> Path:
        return self._home / STORE

    def _environment(self, relay: Relay) -> dict[str, str]:
        return {
            "SADARI_STORE": str(self._store.absolute()),
            "SADARI_KEY": base64.b64encode(self._key).decode(),
            "SADARI_CALLER": CALLER,
            "SADARI_AUDIENCE": AUDIENCE,
            "SADARI_CERTS_URL": relay.certs_url,
            "SADARI_SOURCES": json.dumps(self._sources),
            "SADARI_FORMS": self._forms,
            **({"SADARI_TRACES": traces_to(self._home)} if self._traces else {}),
        }

    def addresses(self) -> dict[str, str]:
        """Give what a developer wants to know, by name."""
        return {
            "console": f"{self._url}/console/",
            "portal": f"{self._url}/portal/apply/{{round}}",
            "intake": f"{self._url}/intake/desk/",
            "API": f"{self._url}/api/",
            "store": str(self._store),
        }

    def work(self) -> None:
        """Deliver what waits, and ring what is due."""
        if self._embedded is not None:
            self._embedded.worker.ring_all()
            self._embedded.worker.drain()
            self._embedded.worker.post()
        if self._dispatcher is not None:
            self._dispatcher.dispatch()

    def sweep(self) -> None:
        """Ring what no alarm rings, and destroy what is due."""
        if self._embedded is not None:
            sweep(self._embedded.ports)
            destroy_due(self._embedded.ports)
            self._embedded.ports.drafts.purge(self._embedded.clock.now().astimezone(SEOUL).date())
            if self._embedded.partner_ports is not None:
                tend_deliveries(self._embedded.ports, self._embedded.partner_ports)

    def stop(self) -> None:
        """End everything that was started.  May be repeated."""
        self._running.close()
        self._embedded = self._dispatcher = None
