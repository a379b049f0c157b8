"""Reads the Open University Learning Analytics Dataset as journeys through `enrolment`.

How the columns are mapped:

- A case is a learner in a presentation.  Day 0 of every presentation is laid on one virtual day.
- A registration is `EnrolmentOpened` and `OnboardingFinished` on its day: the dataset knows no onboarding.  An empty
  date counts as day 0, or as the day the learner left if that is earlier.
- Each row of studentAssessment is one `AssessmentSubmitted` on its day.  A submission before the registration is not
  sent: there is no case yet.  It counts as ignored, like those the workflow cannot take (too early, or after the end).
- Online basics take 6 of 15 parts of the presentation; every learner who is there passes that gate.
- The published result is the last gate: Pass and Distinction are its yes, Fail is its no.
- Withdrawn is `LearnerWithdrew` on its day, or on the last day if there is none.  A date of leaving that the published
  result contradicts is withheld, and counted as overruled.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from schemas.cohort import Calendar, Terms
from schemas.ids import CaseId, PersonId, name_of
from workflows.engine.moments import SEOUL

FILES = ("studentInfo.csv", "studentRegistration.csv", "studentAssessment.csv", "assessments.csv", "courses.csv")
DAY_0 = datetime(2020, 1, 1, tzinfo=SEOUL)
ENDS_WHERE = {"Withdrawn": "withdrawn", "Fail": "not_completed", "Pass": "completed", "Distinction": "completed"}
TERMS = Terms(capacity=10_000, waitlist=0, offer_hours=48, pitch_required=False)

Key = tuple[str, str, str]


class BadDatasetError(ValueError):
    """The folder does not hold the dataset; says what is missing."""


@dataclass(slots=True)
class Journey:
    """One learner in one presentation.

    Attributes:
        result: As published.
        registered_on: Day of the registration.
        left_on: Day of the withdrawal that is sent, if one is.
        submissions: Day and assessment of each submission that is sent.
    """

    case: CaseId
    person: PersonId
    presentation: tuple[str, str]
    result: str
    registered_on: int
    left_on: int | None
    submissions: list[tuple[int, str]] = field(default_factory=list)

    @property
    def ends_where(self) -> str:
        """The stage that the published result says."""
        return ENDS_WHERE[self.result]


@dataclass(frozen=True, slots=True)
class Dataset:
    """All journeys of a folder.

    Attributes:
        lengths: Days of each presentation.
        overruled: Withdrawals that the published result contradicts.
        submissions: Rows of studentAssessment.
    """

    journeys: list[Journey]
    lengths: dict[tuple[str, str], int]
    overruled: int
    submissions: int


def read_dataset(folder: Path) -> Dataset:
    """Give the journeys in a folder.

    Raises:
        BadDatasetError: A file or a column is missing, or a value cannot be read.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BadDatasetError(f"[{folder}] lacks {', '.join(missing)}")
    try:
        return _read(folder)
    except (KeyError, ValueError) as error:
        raise BadDatasetError(f"[{folder}] is not the dataset: {error}") from error


def calendar_of(length: int) -> Calendar:
    """Give the calendar of a presentation of so many days."""
    dates = {
        "applications_open": -400,
        "applications_close": -399,
        "results_at": -398,
        "programme_starts": 0,
        "promotion_ends": 1,
        "online_ends": length * 6 // 15,
        "offline_ends": length,
        "programme_ends": length + 2,
        "month3": length + 90,
        "month6": length + 180,
        "month12": length + 365,
    }
    instants = {
        name: DAY_0 + timedelta(days=days, hours=16 if name.endswith("_ends") else 0) for name, days in dates.items()
    }
    return Calendar.model_validate({"version": 1, **instants})


def _read(folder: Path) -> Dataset:
    lengths = {
        (row["code_module"], row["code_presentation"]): int(row["module_presentation_length"])
        for row in _rows(folder / "courses.csv")
    }
    registrations = {_key(row): row for row in _rows(folder / "studentRegistration.csv")}
    journeys: dict[Key, Journey] = {}
    overruled = 0
    for row in _rows(folder / "studentInfo.csv"):
        key, result = _key(row), row["final_result"]
        registration = registrations.get(key, {})
        left_on = _day(registration.get("date_unregistration", ""))
        overruled += left_on is not None and result != "Withdrawn"
        journeys[key] = _journey(
            key, result, _day(registration.get("date_registration", "")), left_on, lengths[key[:2]]
        )
    if not journeys:
        raise ValueError("studentInfo.csv names no learner")
    count = _add_submissions(journeys, folder)
    return Dataset(list(journeys.values()), lengths, overruled, count)


def _journey(key: Key, result: str, registered_on: int | None, left_on: int | None, length: int) -> Journey:
    if result not in ENDS_WHERE:
        raise ValueError(f"unknown final_result [{result}]")
    leaves_on = None if result != "Withdrawn" else length if left_on is None else left_on
    begins_on = 0 if registered_on is None else registered_on
    return Journey(
        case=CaseId(name_of("enrolment", "oulad", *key)),
        person=PersonId(name_of("person", "oulad", key[2])),
        presentation=key[:2],
        result=result,
        registered_on=begins_on if leaves_on is None else min(begins_on, leaves_on),
        left_on=leaves_on,
    )


def _add_submissions(journeys: dict[Key, Journey], folder: Path) -> int:
    """Hand each submission to its journey, and give how many rows there are."""
    presentations = {
        row["id_assessment"]: (row["code_module"], row["code_presentation"])
        for row in _rows(folder / "assessments.csv")
    }
    count = 0
    for row in _rows(folder / "studentAssessment.csv"):
        count += 1
        module, presentation = presentations[row["id_assessment"]]
        journey = journeys.get((module, presentation, row["id_student"]))
        day = _day(row["date_submitted"])
        if journey is not None and day is not None and day >= journey.registered_on:
            journey.submissions.append((day, row["id_assessment"]))
    return count


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _key(row: dict[str, str]) -> Key:
    return row["code_module"], row["code_presentation"], row["id_student"]


def _day(text: str | None) -> int | None:
    return None if text in {None, "", "?"} else int(float(text or 0))
