"""Finds the cases of people by what names them.  Whatever is shown is noted in the access log first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schemas.ids import PersonId
from schemas.messages import Case
from schemas.search import PersonKey
from workflows.runtime.people_keys import name_key
from workflows.runtime.ports import CaseIndex, Vault

PEOPLE_AT_ONCE = 30
"""As many as Firestore takes in one query for their cases."""
TRIES_MAX = 3
"""How many times people are read for one page: where few are the reader's to see, the page is short instead of slow."""
ROWS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for people gives.

    Attributes:
        cases: Those that the reader may see.
        after: The person behind whom the search goes on; empty if it is over.
    """

    cases: Sequence[Case]
    after: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """A search by one reader.

    Attributes:
        reader: Who searches, as the access log names them.
        may_see: Whether a case is theirs to see.  Nothing is cut off before it has been asked.
    """

    index: CaseIndex
    vault: Vault
    reader: str
    may_see: Callable[[Case], bool]

    def by_key(self, kind: PersonKey, key: str) -> Found:
        """Find the cases of whoever has this address or number.

        Args:
            kind: What is searched by.
            key: The keyed hash, as `key_of` gives it; in the log it stands for whoever was searched in vain.
        """
        cases = self._cases_of(self.index.people(kind, key))
        self._note(cases, in_vain=f"{kind}:{key}", reason=f"search by {kind}")
        return Found(cases)

    def by_name(self, prefix: str, *, after: str) -> Found:
        """Find the cases of people whose name begins so, by name."""
        cases: list[Case] = []
        for _ in range(TRIES_MAX):
            people = self.index.people_named(name_key(prefix), after=after, limit=PEOPLE_AT_ONCE)
            cases += self._cases_of(people)
            after = people[-1] if len(people) == PEOPLE_AT_ONCE else ""
            if not after or len(cases) >= ROWS:
                break
        self._note(cases, in_vain="name", reason="search by name")
        return Found(cases, after)

    def _cases_of(self, people: Sequence[PersonId]) -> list[Case]:
        """Give the cases of these people that may be seen, in the order of the people."""
        places = {person: place for place, person in enumerate(people)}
        seen = [case for case in self.index.cases_of(people) if self.may_see(case)] if people else []
        return sorted(seen, key=lambda case: places[PersonId(case.person)])

    def _note(self, cases: Sequence[Case], *, in_vain: str, reason: str) -> None:
        subjects = dict.fromkeys(case.person for case in cases) or [in_vain]
        self.vault.note(subjects, reader=self.reader, reason=reason)
