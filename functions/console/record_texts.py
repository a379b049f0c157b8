"""What the pages for records say, in Korean and English."""

RECORDS: dict[str, tuple[str, str]] = {
    "records": ("기록 입력", "Records"),
    "records_what": ("기록할 것", "What to record"),
    "records_no_cohorts": ("기록할 수 있는 기수가 없습니다.", "There is no cohort that you may record for."),
    "records_import": ("CSV로 입력", "Import from CSV"),
    "records_attendance_text": (
        (
            "지금까지 출석한 시간의 비율을 퍼센트로 적으십시오. 바꾼 줄만 기록됩니다. "
            "최소 출석률보다 낮으면 교육생과 강사에게 바로 알립니다."
        ),
        (
            "Give the share of hours attended so far, in percent; only what you change is recorded. A share below the "
            "cohort's minimum is told to the learner and the instructors at once."
        ),
    ),
    "records_rules": ("위험 판단 규칙", "At-risk rules"),
    "records_rules_of": ("규칙 보기: {}", "The rules of {}"),
    "records_unverified": ("미확인", "unverified"),
    "records_rule": ("규칙", "Rule"),
    "records_measure": ("재는 것", "What is measured"),
    "records_measure_attendance": ("출석률이 기준보다 낮음", "attendance below the threshold"),
    "records_measure_attendance_needed": (
        "최소 출석률에 이르려면 남은 기간에 필요한 출석률",
        "the attendance that is needed from now on to reach the minimum",
    ),
    "records_measure_assessments_behind": ("지금까지 밀린 과제 수", "assessments missing by now"),
    "records_measure_days_silent": ("기록이 없는 날수", "days without any record"),
    "records_measure_days_to_start": (
        "시작까지 남은 날수(기준보다 적으면)",
        "full days left until the start, fewer than the threshold",
    ),
    "records_threshold": ("기준", "Threshold"),
    "records_own_minimum": ("기수의 최소 출석률", "the cohort's own minimum"),
    "records_asked_in": ("보는 단계", "Stages"),
    "records_risk": ("위험", "At risk"),
    "records_no_risk": ("없음", "none"),
    "records_names": ("이름 함께 보기", "Show the names"),
    "records_learners": ("교육생", "Learners"),
    "records_share": ("지금까지 출석률(%)", "Attended so far, %"),
    "records_last": ("마지막 기록", "Last recorded"),
    "records_never": ("아직 없음", "never"),
    "records_save": ("기록하기", "Record"),
    "records_nobody_taught": ("지금 교육을 받는 교육생이 없습니다.", "Nobody is being taught now."),
    "records_some_refused": (
        "{}건을 기록했고 {}건은 기록하지 못했습니다. 적으신 내용은 그대로 있습니다.",
        "{} recorded, {} not. What you typed is kept below.",
    ),
    "records_all_taken": ("{}건을 기록했습니다. 곧 반영됩니다.", "{} recorded; it takes effect in a moment."),
    "records_nothing_typed": ("바뀐 것이 없어 기록하지 않았습니다.", "Nothing was changed, so nothing was recorded."),
    "records_taken_row": ("기록함.", "Recorded."),
    "records_would": ("기록됩니다.", "Would be recorded."),
    "records_unchanged_row": ("이미 기록되어 있습니다.", "Recorded already."),
    "records_refused_row": ("기록하지 못함.", "Not recorded."),
    "records_tells": ("교육생에게 알림: {}.", "The learner is told: {}."),
    "records_meanwhile": (
        "그사이 다른 사람이 {}%로 기록했습니다. 그래도 바꾸려면 한 번 더 누르십시오.",
        "somebody else recorded {}% meanwhile; record again to replace it",
    ),
    "records_refused_as": ("{}", "{}"),
    "records_refused": ("받을 수 없습니다.", "cannot be taken."),
    "records_not_sent": (
        "지금은 보낼 수 없습니다. 잠시 뒤 다시 누르십시오.",
        "could not be sent now; try again in a moment",
    ),
    "records_no_id": (
        "번호가 아닙니다. 영문자, 숫자, -, _만 쓸 수 있습니다.",
        "is no id: letters, digits, - and _ only",
    ),
    "records_no_share": (
        "비율이 아닙니다. 화면에는 87.5처럼 퍼센트로, 파일에는 0.875나 87.5%로 적으십시오.",
        "is no share: write percent on the page, such as 87.5, and 0.875 or 87.5% in a file",
    ),
    "records_needs_reference": (
        "확인된 증빙에는 증빙 번호가 필요합니다.",
        "is needed where the evidence is verified",
    ),
    "records_not_here": (
        "이 기수에서 기록할 수 있는 건이 아닙니다.",
        "is no case of this cohort that you may record for",
    ),
    "records_not_taught": ("지금 교육을 받고 있지 않습니다.", "is of somebody who is not being taught now"),
    "records_is_over": ("이미 닫혔습니다.", "is closed"),
    "records_empty": ("비어 있습니다.", "is empty"),
    "records_no_choice": ("고를 수 있는 답이 아닙니다.", "is none of the answers to choose from"),
    "records_repeated": ("{}줄에 있습니다. 하나만 남기십시오.", "stands in {} rows; leave one"),
    "records_cells": ("칸이 {}개인데 제목은 {}개입니다.", "has {} cells, the header has {}"),
    "records_col_row": ("줄", "Row"),
    "records_col_enrolment": ("교육 이수", "Enrolment"),
    "records_col_share": ("출석률", "Share"),
    "records_col_assessment": ("과제", "Assessment"),
    "records_col_outcome": ("수료 후 성과", "Outcome"),
    "records_col_status": ("상태", "Status"),
    "records_col_evidence": ("증빙", "Evidence"),
    "records_col_reference": ("증빙 번호", "Evidence reference"),
    "records_kind_attendance": ("출석", "Attendance"),
    "records_kind_progress": ("과제 제출", "Progress"),
    "records_kind_outcome": ("수료 뒤 상태", "Outcomes"),
    "records_choose": ("파일 고르기", "Choose a file"),
    "records_another": ("다른 파일 고르기", "Choose another file"),
    "records_file": ("CSV 파일", "CSV file"),
    "records_file_again": (
        "같은 파일을 다시 골라 주십시오(너무 커서 화면에 담지 못했습니다)",
        "Choose the same file again (it is too large to travel in the page)",
    ),
    "records_check": ("확인만 하기", "Check only"),
    "records_apply": ("{}건 기록하기", "Record {}"),
    "records_apply_text": (
        "기록할 수 없는 줄은 빼고 나머지만 기록합니다. 고친 뒤 같은 파일을 다시 올려도 두 번 기록되지 않습니다.",
        "Rows that cannot be taken are left out. The mended file can be sent again: nothing is recorded twice.",
    ),
    "records_report_dry": ("확인 결과", "What would become of each row"),
    "records_report_done": ("기록 결과", "What became of each row"),
    "records_nothing_yet": ("아직 아무것도 기록하지 않았습니다.", "Nothing has been recorded yet."),
    "records_count_would": ("기록할 것 {}", "{} to record"),
    "records_count_taken": ("기록함 {}", "{} recorded"),
    "records_count_unchanged": ("이미 있음 {}", "{} recorded already"),
    "records_count_refused": ("기록 못 함 {}", "{} cannot be taken"),
    "records_row": ("줄", "Row"),
    "records_no_rows": ("파일에 줄이 없습니다.", "The file has no rows."),
    "records_no_file": ("파일을 골라 주십시오.", "Choose a file."),
    "records_bad_file": ("파일을 읽을 수 없습니다.", "The file cannot be read."),
    "records_too_many": (
        "1,000줄이 넘습니다. 나누거나 sadari records import 명령을 쓰십시오.",
        "More than 1,000 rows: split the file, or use the command sadari records import.",
    ),
    "records_other_file": (
        "확인한 파일과 달라 아무것도 기록하지 않았습니다. 아래는 이 파일의 확인 결과입니다.",
        "This is not the file that was checked, so nothing was recorded. Below is the report of this one.",
    ),
    "records_columns": ("파일의 제목 줄", "The columns"),
    "records_columns_attendance": (
        "enrolment(교육 이수), share(출석률: 0.875 또는 87.5%). name(이름)은 읽지 않습니다.",
        "enrolment, share (0.875 or 87.5%); a column name is not read.",
    ),
    "records_columns_progress": ("enrolment(교육 이수), assessment(과제 번호).", "enrolment, assessment (its id)."),
    "records_columns_outcome": (
        (
            "outcome(수료 후 성과), status(취업·창업·학업·구직), "
            "있으면 evidence(본인 진술·확인 중·확인됨)와 reference(증빙 번호)."
        ),
        (
            "outcome, status (hired, founded, studying, seeking), and if known evidence (self_reported, pending, "
            "verified) and reference (an id)."
        ),
    ),
    "records_template": ("채울 표 내려받기", "Download the table to fill in"),
    "records_outcomes_text": (
        (
            "지금 답을 기다리는 교육생은 {}명입니다. 상태를 고른 줄만 기록되고, 기록할 때마다 교육생에게 "
            "접수를 알립니다. 증빙 번호에는 이름이나 연락처를 적지 마십시오."
        ),
        (
            "{} learners are being asked now. Only rows with a status are recorded, and each is confirmed to the "
            "learner. A reference must hold no name and no contact."
        ),
    ),
    "records_known": ("지금까지 아는 것", "Known so far"),
    "records_report": ("새 보고", "New report"),
    "records_asked": ("답을 기다림", "being asked"),
    "records_no_report": ("보고 없음", "no report"),
    "records_leave": ("그대로 두기", "leave as it is"),
    "records_evidence_by_reference": ("번호에 따름", "by the reference"),
    "records_evidence_self_reported": ("본인 진술", "self-reported"),
    "records_evidence_pending": ("확인 중", "being checked"),
    "records_evidence_verified": ("확인됨", "verified"),
    "records_no_outcomes": ("물어볼 교육생이 없습니다.", "There is nobody to ask."),
}
