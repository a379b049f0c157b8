"""Signed links for people: whoever has the letter may do the one thing that it offers, and nothing else."""

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from schemas.ids import CaseId
from schemas.messages import Notice

APPEALED_AGAINST = frozenset({"ApplicationIneligible", "NoSeat", "WaitlistSkipped"})
"""The notices that tell a decision about an application."""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads the links.

    Attributes:
        portal_url: Where the portal is reached from outside, without a slash at the end; empty: there is none.
        key: Signs them.
    """

    portal_url: str
    key: bytes

    def appeal(self, notice: Notice) -> str:
        """Give the address of the appeal against the decision that a notice tells; empty if there is none."""
        if not self.portal_url or notice.type not in APPEALED_AGAINST:
            return ""
        return f"{self.portal_url}/appeals/{self._tokens().dumps(notice.case)}"

    def application_of(self, token: str) -> CaseId | None:
        """Give the application that an appeal's link is about; None for a link that we did not make."""
        try:
            return CaseId(str(self._tokens().loads(token)))
        except BadSignature:
            return None

    def _tokens(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.key, salt="appeal")
