"""Signed links for people: whoever has the letter may do the one thing that it offers, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from itsdangerous import BadSignature, URLSafeSerializer

from schemas.ids import CaseId
from schemas.messages import Notice

Purpose = Literal["appeal", "status", "offer", "withdraw", "waitlist", "learning", "draft", "own"]

PAGES: Mapping[Purpose, str] = {
    "appeal": "appeals",
    "status": "status",
    "offer": "offers",
    "withdraw": "withdrawals",
    "waitlist": "waitlist",
    "learning": "learning",
    "draft": "drafts",
    "own": "own",
}
"""Where the portal shows the page of each purpose."""

CARRIED: Mapping[Purpose, frozenset[str]] = {
    "appeal": frozenset({"ApplicationIneligible", "NoSeat", "WaitlistSkipped"}),
    "offer": frozenset({"SeatOffered", "OfferExpiring", "OfferProlonged", "ConsentMissing"}),
    "status": frozenset(
        {
            *("ApplicationReceived", "ApplicationEdited", "ApplicationLate", "ApplicationRestored"),
            *("Waitlisted", "WaitlistMoved", "AcceptanceReceived", "InterviewInvitation", "InterviewBooked"),
            *("ForumConfirmed", "ForumWaitlisted", "ForumReminder"),
        }
    ),
    "waitlist": frozenset({"Waitlisted"}),
    "learning": frozenset({"OnboardingStarted", "OnboardingDue", "PhaseStarted", "AttendanceLow"}),
}
"""The notices whose letters carry a link of the purpose."""

LINK_NAMES = frozenset(f"{purpose}_link" for purpose in CARRIED)
"""What a letter's template may use; each may be empty."""


class ExpiredLinkError(Exception):
    """The link was ours, and its time is over."""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads the links.

    Attributes:
        portal_url: Where the portal is reached from outside, without a slash at the end; empty: there is none.
        key: Signs them where there is nothing else to sign with.
        signing: Sign them instead, the newest first; what an older one signed is good until that is left out.
    """

    portal_url: str
    key: bytes
    signing: tuple[bytes, ...] = ()

    def carried_by(self, notice: Notice) -> Mapping[str, str]:
        """Give the links that a letter carries, by the name that its template uses."""
        if not self.portal_url:
            return {}
        return {
            f"{purpose}_link": self.to(purpose, notice.case)
            for purpose, notices in CARRIED.items()
            if notice.type in notices
        }

    def to(self, purpose: Purpose, subject: str, *, until: datetime | None = None) -> str:
        """Give the whole address of a page; without an end it is good for as long as the page has something to say."""
        return f"{self.portal_url}/{PAGES[purpose]}/{self.token(purpose, subject, until=until)}"

    def token(self, purpose: Purpose, subject: str, *, until: datetime | None = None) -> str:
        """Give what names the subject for one purpose; it says nothing for another."""
        said = subject if until is None else [subject, until.isoformat()]
        return str(self._tokens(purpose).dumps(said))

    def read(self, purpose: Purpose, token: str, now: datetime) -> CaseId | None:
        """Give what a token names; None for one that we did not make, or for another purpose.

        Raises:
            ExpiredLinkError: Its time is over.
        """
        try:
            said = self._tokens(purpose).loads(token)
        except BadSignature:
            return None
        if isinstance(said, list):
            said, until = said
            if now > datetime.fromisoformat(until):
                raise ExpiredLinkError
        return CaseId(str(said))

    def _tokens(self, purpose: Purpose) -> URLSafeSerializer:
        return URLSafeSerializer([*reversed(self.signing or (self.key,))], salt=purpose)
