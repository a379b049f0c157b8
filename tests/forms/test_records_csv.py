"""The tables of what staff record: attendance, progress, outcomes."""

import pytest

from functions.forms.clean import UnfitTextError
from functions.forms.csv_table import BadCsvError
from functions.forms.records_csv import NEEDS_REFERENCE, NO_ID, NO_SHARE, read_records, share_of
from functions.forms.safe_csv import write_csv
from schemas.ids import CaseId
from schemas.status import Evidence, Status
from workflows.runtime.records import Attended, Became, HandedIn

A, B = CaseId("a"), CaseId("b")


def test_attendance_is_a_share_or_a_percentage_with_its_sign() -> None:
    table = "enrolment,share\na,0.875\nb, 87.5 %\nc,1\nd,0%\ne,\uff18\uff10\uff05\n"

    values = [line.value for line in read_records(table.encode(), "attendance")]

    assert values == [
        Attended(A, 0.875),
        Attended(B, 0.875),
        *(Attended(CaseId(name), share) for name, share in (("c", 1), ("d", 0), ("e", 0.8))),
    ]


@pytest.mark.parametrize("text", ["", "87.5", "1.01", "-0.1", "101%", "-1%", "%", "50%%", "eighty", "1e-1", "nan", "½"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(UnfitTextError, match="is no share"):
        share_of(text)

    (line,) = read_records(f'enrolment,share\na,"{text}"\n'.encode(), "attendance")
    assert line.faults == {"share": NO_SHARE}


def test_a_learner_stands_once_in_a_table_of_attendance() -> None:
    lines = read_records(b"enrolment,share\na,0.5\na,0.6\nb,0.5\n", "attendance")

    assert [line.value for line in lines] == [None, None, Attended(B, 0.5)]
    assert lines[0].faults == {"enrolment": "stands in 2 rows; leave one"}


def test_a_learner_may_hand_in_much_but_the_same_thing_once() -> None:
    lines = read_records(b"enrolment,assessment\na,one\na,two\nb,one\nb,one\n", "progress")

    assert [line.value for line in lines] == [HandedIn(A, "one"), HandedIn(A, "two"), None, None]


def test_outcomes_are_read_in_both_languages_and_evidence_follows_from_a_reference() -> None:
    table = (
        "수료 후 성과,상태,증빙,증빙 번호\na,취업,,\nb,창업(법인),확인됨,EV-1\nc,studying,,EV-2\nd,Seeking,본인 진술,\n"
    )

    values = [line.value for line in read_records(table.encode("cp949"), "outcome")]

    assert values == [
        Became(A, Status.HIRED, Evidence.SELF_REPORTED, ""),
        Became(B, Status.FOUNDED, Evidence.VERIFIED, "EV-1"),
        Became(CaseId("c"), Status.STUDYING, Evidence.PENDING, "EV-2"),
        Became(CaseId("d"), Status.SEEKING, Evidence.SELF_REPORTED, ""),
    ]


def test_every_fault_of_an_outcome_stands_beside_its_column() -> None:
    table = "outcome,status,evidence,reference\na b,rich,surely,kim@jnu.ac.kr\na,hired,verified,\nb,,,\n"

    faults = [dict(line.faults) for line in read_records(table.encode(), "outcome")]

    assert faults == [
        {
            "outcome": NO_ID,
            "status": "is none of the answers to choose from",
            "evidence": "is none of the answers to choose from",
            "reference": NO_ID,
        },
        {"reference": NEEDS_REFERENCE},
        {"status": "is empty"},
    ]


def test_evidence_may_be_left_out_as_a_whole() -> None:
    (line,) = read_records(b"outcome,status\na,hired\n", "outcome")

    assert line.value == Became(A, Status.HIRED)


@pytest.mark.parametrize("header", ["enrolment,share,phone", "enrolment", "share,enrolment,share", "a,0.5"])
def test_a_table_with_other_columns_or_without_its_own_is_refused_as_a_whole(header: str) -> None:
    with pytest.raises(BadCsvError):
        read_records(f"{header}\n".encode(), "attendance")


def test_what_the_console_hands_out_can_be_sent_back() -> None:
    table = write_csv(("enrolment", "share"), [{"enrolment": "a", "share": 0.72}, {"enrolment": "b", "share": 1.0}])

    assert [line.value for line in read_records(table, "attendance")] == [Attended(A, 0.72), Attended(B, 1)]
