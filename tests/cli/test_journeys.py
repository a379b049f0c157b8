"""Real learners, and what real exports contain."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from functions.cli import run
from functions.cli.journeys.oulad import BadDatasetError, read_dataset
from functions.cli.journeys.run import FEW, run_all

OULAD = Path(__file__).parents[1] / "data" / "oulad"
PRESENTATION = {"code_module": "AAA", "code_presentation": "2013J"}

Row = Mapping[str, Any]


def write(folder: Path, learners: Sequence[Row], submissions: Sequence[Row] = ()) -> Path:
    """Write a dataset of one presentation of 60 days."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[Row]] = {
        "courses.csv": [{**PRESENTATION, "module_presentation_length": 60}],
        "assessments.csv": [{**PRESENTATION, "id_assessment": "1", "assessment_type": "TMA", "date": "", "weight": 10}],
        "studentInfo.csv": [
            {**PRESENTATION, "id_student": each["id"], "final_result": each["result"]} for each in learners
        ],
        "studentRegistration.csv": [
            {
                **PRESENTATION,
                "id_student": each["id"],
                "date_registration": each.get("from", "-10"),
                "date_unregistration": each.get("left", ""),
            }
            for each in learners
        ],
        "studentAssessment.csv": [
            {"id_assessment": "1", "id_student": each["id"], "date_submitted": each["day"], "is_banked": 0}
            for each in (submissions or [{"id": learners[0]["id"], "day": "5"}])
        ],
    }
    for name, rows in files.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def report_of(folder: Path) -> dict[str, Any]:
    return run_all(folder, folder / "journeys.db", lambda _part: None).to_json()


def test_all_748_end_where_their_published_result_says(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code = run(["journeys", str(OULAD), "--json", "--store", str(tmp_path / "journeys.db")])

    report = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (report["matched"], report["total"]) == (748, 748)
    assert report["by_result"] == {
        "Distinction": {"completed": 44},
        "Fail": {"not_completed": 91},
        "Pass": {"completed": 487},
        "Withdrawn": {"withdrawn": 126},
    }
    assert (report["overruled"], report["faults"]) == (0, 0)


def test_who_left_before_the_start_or_without_a_date_is_withdrawn(tmp_path: Path) -> None:
    learners = [
        {"id": "1", "result": "Withdrawn", "left": "-5"},
        {"id": "2", "result": "Withdrawn"},
        {"id": "3", "result": "Withdrawn", "from": "", "left": "12"},
        {"id": "4", "result": "Withdrawn", "from": "20", "left": "3"},
        {"id": "5", "result": "Withdrawn", "left": "75"},
    ]

    report = report_of(write(tmp_path, learners, [{"id": "2", "day": "30"}]))

    assert report["by_result"] == {"Withdrawn": {"withdrawn": 5}}
    assert (report["overruled"], report["ignored"]) == (0, 0)


def test_a_date_of_leaving_that_the_result_contradicts_is_withheld_and_counted(tmp_path: Path) -> None:
    learners = [
        {"id": "1", "result": "Fail", "left": "20"},
        {"id": "2", "result": "Pass", "left": "20"},
        {"id": "3", "result": "Distinction"},
    ]

    report = report_of(write(tmp_path, learners))

    expected = {"Distinction": {"completed": 1}, "Fail": {"not_completed": 1}, "Pass": {"completed": 1}}
    assert report["by_result"] == expected
    assert (report["matched"], report["overruled"]) == (3, 2)


def test_submissions_that_cannot_apply_are_counted_as_ignored(tmp_path: Path) -> None:
    submissions = [
        {"id": "1", "day": "-1"},  # early: waits for the start
        {"id": "1", "day": "10"},
        {"id": "1", "day": "10"},  # twice on one day: both count
        {"id": "1", "day": "-30"},  # before the registration
        {"id": "1", "day": "-9"},  # so early that it is given up after seven days
        {"id": "2", "day": "40"},  # after the withdrawal
        {"id": "9", "day": "10"},  # nobody we know
    ]
    learners = [{"id": "1", "result": "Pass"}, {"id": "2", "result": "Withdrawn", "left": "30"}]

    report = report_of(write(tmp_path, learners, submissions))

    assert (report["matched"], report["ignored"]) == (2, 4)


def test_a_large_dataset_is_shared_out_and_ends_the_same(tmp_path: Path) -> None:
    results = ("Pass", "Fail", "Withdrawn", "Distinction")
    learners = [{"id": str(number), "result": results[number % 4]} for number in range(FEW + 1)]

    report = report_of(write(tmp_path, learners))

    assert report["matched"] == report["total"] == FEW + 1
    assert report["faults"] == 0
    assert all(Path(store).is_file() for store in report["stores"])


@pytest.mark.parametrize("name", ["courses.csv", "studentInfo.csv", "studentAssessment.csv"])
def test_a_missing_file_or_column_is_named(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path, [{"id": "1", "result": "Pass"}])
    (folder / name).write_text("a,b\n1,2\n")

    with pytest.raises(BadDatasetError, match="is not the dataset"):
        read_dataset(folder)

    (folder / name).unlink()
    with pytest.raises(BadDatasetError, match=name):
        read_dataset(folder)


def test_an_unknown_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDatasetError, match="Aced"):
        read_dataset(write(tmp_path, [{"id": "1", "result": "Aced"}]))
