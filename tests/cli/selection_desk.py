"""An office that selects by the command line alone; only forms, and time, come otherwise."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.cli import run
from functions.embedded import Embedded
from schemas.application import Application
from schemas.cohort import Calendar, Terms
from schemas.ids import CaseId
from schemas.selection import Admission, Component, Criterion, Quota, Selection
from tests.support.cohort import CALENDAR, DAY, HOUR
from tests.support.office import ROUND, Office

TERMS = Terms(capacity=3, waitlist=3, offer_hours=48)
SELECTION = Selection(
    admission=Admission(readers=2, consents_needed=("pledge@1",)),
    rubric=(
        Criterion(id="motive", name_ko="지원 동기", name_en="Motive", weight=60, points_max=5),
        Criterion(id="plan", name_ko="학습 계획", name_en="Plan", weight=40, points_max=5),
    ),
    components=(Component(id="review", weight=70), Component(id="test", weight=30)),
    ties=("test",),
    quotas=(Quota(field="university", value="전남대학교", maximum=2),),
)
REVIEWERS = "id,university,department,email_domain,related,load_max\nrev-a,,,,,\nrev-b,,,,,\nrev-c,,,,,\n"
UNIVERSITIES = (
    "전남대학교",
    "전남대학교",
    "전남대학교",
    "조선대학교",
    "동신대학교",
    "조선대학교",
    "동신대학교",
    "전남대학교",
)


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed with --json."""
        return json.loads(self.out)


class Desk:
    """A store, and the commands on it."""

    def __init__(
        self, store: Path, capture: Callable[[], tuple[str, str]], *, selection: Selection = SELECTION
    ) -> None:
        self.store, self.folder, self._capture = store, store.parent, capture
        self.office = Office(Embedded(store), terms=TERMS, selection=selection)
        self.cases: list[CaseId] = []

    def close(self) -> None:
        """Close the store."""
        self.office.embedded.close()

    def reopen(self, cases: list[CaseId]) -> None:
        """Go on with a store that was put in the place of the one before."""
        self.office = Office(Embedded(self.store), terms=TERMS, selection=self.office.selection)
        self.cases = [*cases]

    def sadari(self, *arguments: str) -> Result:
        """Run a command on the store."""
        self._capture()
        code = run([*arguments, "--store", str(self.store)])
        out, err = self._capture()
        return Result(code, out, err)

    def done(self, *arguments: str) -> Any:
        """Run a command that must succeed, and give its JSON."""
        result = self.sadari(*arguments, "--json")
        assert result.code == 0, (arguments, result)
        return result.json

    def file(self, name: str, text: str | bytes) -> str:
        """Write a file beside the store."""
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return str(path)

    def dump(self) -> list[str]:
        """Give all that the store holds, but for the access log."""
        with sqlite3.connect(self.store) as connection:
            lines = list(connection.iterdump())
        connection.close()
        return [line for line in lines if '"accesses"' not in line and "sqlite_sequence" not in line]

    def facts(self, case_id: CaseId) -> Application:
        """Give what an application holds."""
        return Application.model_validate_json(self.office.case(case_id).subject)

    # ---- the steps of a selection

    def plan(self, calendar: Calendar = CALENDAR) -> str:
        """Plan the round by the command."""
        office = self.office
        cohort = {
            "cohort": "2027",
            "programme": "ai-academy",
            "name_ko": "인공지능 사관학교",
            "name_en": "AI academy",
            "calendar": calendar.model_dump(mode="json"),
            "terms": office.terms.model_dump(mode="json"),
            "selection": office.selection.model_dump(mode="json"),
        }
        path = self.file("cohort.json", json.dumps({"round": ROUND, "cohort": cohort}, ensure_ascii=False))
        self.done("round", "plan", path, "--as", "kim")
        office.until(office.calendar.applications_open + DAY)
        return path

    def take_forms(self, count: int = 8) -> None:
        """Let people apply."""
        self.cases = [
            self.office.hand_in(number, university=UNIVERSITIES[number - 1], motivation=f"배우고 싶습니다 {number}")
            for number in range(1, count + 1)
        ]

    def close_form(self) -> None:
        """Let the form close."""
        self.office.until(self.office.calendar.applications_close + HOUR)

    def name_reviewers(self, text: str = REVIEWERS) -> None:
        """Name the reviewers, and assign."""
        self.done("round", "reviewers", ROUND, self.file("reviewers.csv", text), "--as", "kim")
        self.done("review", "assign", ROUND, "--as", "kim")

    def read_all(self, points: Mapping[CaseId, tuple[float, float]] | None = None) -> None:
        """Let every reviewer read, the first application best."""
        rows = []
        for review in self.done("review", "list", ROUND):
            self.done("review", "accept", review["review"], "--as", review["reviewer"])
            place = self.cases.index(review["application"])
            motive, plan = (points or {}).get(review["application"], (5 - place * 0.5, 5 - place * 0.5))
            rows.append(f"{review['review']},{review['reviewer']},{motive},{plan}")
        path = self.file("reviews.csv", "review,reviewer,motive,plan\n" + "\n".join(rows))
        self.done("review", "import", path, "--as", "kim", "--role", "operator")

    def test_all(self, scores: Iterable[float] | None = None) -> None:
        """Take in the test, the first application best."""
        given = scores or [90 - place for place in range(len(self.cases))]
        rows = "".join(f"{case},{score}\n" for case, score in zip(self.cases, given, strict=True))
        path = self.file("test.csv", f"application,score\n{rows}")
        self.done("scores", "import", ROUND, path, "--component", "test", "--as", "kim")

    def approve(self) -> None:
        """Let everybody approve the ranking, in order."""
        for role in ("operator", "university", "city"):
            (question,) = self.done("questions", "list")
            self.done("questions", "answer", question["id"], "yes", "--as", f"{role}-1", "--role", role)

    def select(self) -> None:
        """Do all of it, up to a ranking that is approved."""
        self.plan()
        self.take_forms()
        self.close_form()
        self.name_reviewers()
        self.read_all()
        self.test_all()
        self.done("rank", "run", ROUND, "--as", "kim")
        self.approve()

    def publish(self) -> None:
        """Let the results come out."""
        self.office.until(self.office.calendar.results_at + HOUR)
