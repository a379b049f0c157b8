"""The embedded backend: the whole of Sadari in one SQLite file."""

from pathlib import Path

from functions.adapters.local.database import Database
from functions.adapters.local.sqlite_case_index import SqliteCaseIndex
from functions.adapters.local.sqlite_case_store import SqliteCaseStore
from functions.adapters.local.sqlite_connections import SqliteConnections
from functions.adapters.local.sqlite_drafts import SqliteDrafts
from functions.adapters.local.sqlite_partners import (
    SqliteAttemptAlarms,
    SqliteDeliveries,
    SqliteKeys,
    SqliteSubscriptions,
)
from functions.adapters.local.sqlite_queue import SqliteQueue
from functions.adapters.local.sqlite_records import SqliteClock, SqliteFactStore, SqliteNoticeLog, SqliteQuarantine
from functions.adapters.local.sqlite_register import SqliteRegister
from functions.adapters.local.sqlite_staff import (
    SqliteBatches,
    SqliteDelegations,
    SqliteMarks,
    SqliteMembers,
    SqliteReleases,
    SqliteSessions,
)
from functions.adapters.local.sqlite_timers import NoAlarms, SqliteTimers
from functions.adapters.local.sqlite_vault import SqliteLetters, SqliteVault
from functions.bootstrap import make_partner_ports
from functions.links import Links
from functions.partner_settings import PartnerSettings
from functions.patience import Patience
from functions.post.rules import read_rules
from functions.scribe import TemplateScribe
from functions.worker import Worker
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Ports
from workflows.runtime.post_ports import Post
from workflows.runtime.staff_ports import StaffPorts

NO_LINKS = Links("", b"")
NO_POST = Post(channels={}, rules=read_rules())


class Embedded:
    """The whole of Sadari in one SQLite file."""

    def __init__(
        self,
        path: Path | str,
        *,
        tells: bool = True,
        links: Links = NO_LINKS,
        post: Post = NO_POST,
        partners: PartnerSettings | None = None,
        key: bytes = b"",
    ) -> None:
        """Open the file, or begin a new one.

        Args:
            path: The SQLite file.
            tells: Whether notices are delivered and alarms set; a run over other people's past tells nobody, and
                sweeps.
            links: Makes the links that letters carry.
            post: How letters reach people.
            partners: How partners are told; None: they are not.
            key: Seals what partners' signatures are made with.
        """
        self.path = Path(path)
        self.database = Database(path)
        self.clock = SqliteClock(self.database)
        self.queue = SqliteQueue(self.database, tells=tells)
        self.timers = SqliteTimers(self.database)
        self.ports = Ports(
            cases=SqliteCaseStore(self.database),
            facts=SqliteFactStore(self.database),
            publisher=self.queue,
            timers=self.timers if tells else NoAlarms(),
            vault=SqliteVault(self.database, self.clock),
            letters=SqliteLetters(self.database),
            register=SqliteRegister(self.database),
            drafts=SqliteDrafts(self.database),
            index=SqliteCaseIndex(self.database),
            scribe=TemplateScribe(links=links.carried_by),
            notice_log=SqliteNoticeLog(self.database),
            quarantine=SqliteQuarantine(self.database),
            clock=self.clock,
            tries=Patience(),
            post=post,
        )
        self.staff_ports = StaffPorts(
            members=SqliteMembers(self.database),
            sessions=SqliteSessions(self.database),
            delegations=SqliteDelegations(self.database),
            marks=SqliteMarks(self.database),
            batches=SqliteBatches(self.database),
            releases=SqliteReleases(self.database),
            index=self.ports.index,
        )
        self.connections = SqliteConnections(self.database)
        self.subscriptions = SqliteSubscriptions(self.database)
        self.deliveries = SqliteDeliveries(self.database)
        self.attempt_alarms = SqliteAttemptAlarms(self.database)
        self.partner_ports = None if partners is None else self._partner_ports(partners, key)
        self.worker = Worker(self.database, self.queue, self.timers, self.ports, self.partner_ports)

    def _partner_ports(self, partners: PartnerSettings, key: bytes) -> PartnerPorts:
        stores = self.subscriptions, self.deliveries, SqliteKeys(self.database)
        return make_partner_ports(partners, key, self.ports, *stores, self.attempt_alarms)

    def close(self) -> None:
        """Close the file.  May be repeated."""
        self.database.close()
