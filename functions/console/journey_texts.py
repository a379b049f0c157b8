"""What the pages about workflows and journeys say, in Korean and English."""

JOURNEY: dict[str, tuple[str, str]] = {
    "drawing": ("그림", "The diagram"),
    "drawing_hint": (
        "위에서 아래로 읽습니다. 화살표는 갈 수 있는 길이고, 조건은 아래 글에 있습니다. 옆으로 밀 수 있습니다.",
        "Read from above downwards. Arrows are the ways; their conditions are in the text below. Scroll sideways.",
    ),
    "drawing_case_hint": (
        "굵은 테두리는 지금 있는 단계, 채운 칸은 지나온 단계, 점선은 바로 갈 수 있는 단계입니다.",
        "A thick border: where it is now. Filled: where it has been. Dashed: where it may go next.",
    ),
    "versions": ("버전", "Versions"),
    "versions_text": (
        "건은 시작한 버전으로 끝까지 갑니다. 건이 남아 있는 버전은 지우지 않습니다.",
        "A case stays on the version that it began with; no version is removed while a case is on it.",
    ),
    "fingerprint": ("지문", "Fingerprint"),
    "released_on": ("적용일", "In use since"),
    "released_unknown": ("기록 없음", "not recorded"),
    "cases_on_version": ("이 버전의 건", "Cases on it"),
    "cases_on_version_by_stage": ("버전 {}: 단계별 건수", "Version {}: cases by stage"),
    "cases_on_version_hidden": (
        "이 업무의 건을 볼 수 있는 역할에만 건수가 나옵니다.",
        "How many cases there are is shown to whoever may open cases of this workflow.",
    ),
    "cases_on_version_scope": (
        "맡은 범위의 건만 셉니다.",
        "Only cases within your reach are counted.",
    ),
    "version_read": ("버전 {} 읽기", "Read version {}"),
    "version_latest": ("지금 쓰는 버전", "in use for new cases"),
    "filter_version": ("버전 {}의 건만 보고 있습니다.", "Only cases on version {} are listed."),
    "sentences": ("글로 읽기", "In sentences"),
    "by_person": ("본인", "the person"),
    "by_case": ("다른 업무 건 {}", "another case, {}"),
    "by_system": ("시스템", "the system"),
    "by_for": ("{}, {}님을 대신하여", "{}, for {}"),
    "line_rang": ("예약 시각이 되었습니다: {}.", "The timer rang: {}."),
    "line_answered": ("{}: {}에 ‘{}’라고 답했습니다.", "{} answered {}: {}."),
    "line_taken_back": ("{}: {}에 한 답을 되돌렸습니다.", "{} took the answer to {} back."),
    "line_a_question": ("질문", "a question"),
    "line_event": ("{} ({}).", "{}, from {}."),
    "line_parked_until": ("일찍 도착한 사건의 보관 기한", "what came too early is given up"),
    "line_overdue": ("질문에 답할 기한", "a question is overdue"),
    "line_undo_over": ("답을 되돌릴 수 있는 시간이 끝남", "the answer may not be taken back any more"),
    "line_moved": ("‘{}’ 단계로 갔습니다.", "It went to “{}”."),
    "line_approved": ("다른 사람의 답이 더 필요합니다.", "Others still have to agree."),
    "line_held": ("답을 되돌릴 수 있는 동안 보류합니다.", "The answer is held while it may be taken back."),
    "line_told": ("{}에게 ‘{}’ 알림을 썼습니다.", "The notice “{1}” was written to {0}."),
    "reasons_show": ("적힌 사유 보기", "Show the reasons given"),
    "reasons_hint": (
        "사유에는 개인정보가 있을 수 있습니다. 보신 것이 열람 기록에 남습니다.",
        "Reasons may be personal. That you looked goes to the access log.",
    ),
    "reasons_shown": (
        "사유를 보신 것이 열람 기록에 남았습니다.",
        "That you saw the reasons was put into the access log.",
    ),
    "reason_gone": ("파기됨", "destroyed"),
    "history_later": ("다음 기록", "Later entries"),
    "history_earlier": ("앞 기록", "Earlier entries"),
    "history_range": ("{}–{}번째, 모두 {}건", "{} to {} of {}"),
    "questions_none": ("열린 질문이 없습니다.", "No question is open."),
    "from_whom": ("누구에게서", "From whom"),
    "waits_question": ("질문", "Question"),
    "waits_event": ("사건", "Event"),
    "waits_timer": ("예약 시각", "Timer"),
    "rings_at": ("울리는 때", "It rings"),
    "next_timer": ("다음 예약 시각: {} ({})", "Next timer: {} ({})"),
    "no_timer": ("예약된 시각이 없습니다.", "No timer is set."),
    "case_ended": ("종료된 건입니다.", "The case has ended."),
    "came_early": ("일찍 도착해 {}까지 보관: {}", "Came too early, kept until {}: {}"),
    "stopped": ("이 사람의 정보를 쓸 수 없습니다", "This person's data may not be used"),
    "stopped_text": (
        "안내문을 쓰거나 보내지 않고, 협력 기관에 개인정보를 보내지 않습니다. 선발은 그대로 진행됩니다.",
        "No letter is written or sent, and no personal data go to partners. The selection goes on.",
    ),
    "stopped_no_consent": (
        (
            "본인이 개인정보 처리 동의를 철회했습니다. 본인이 진행 상황 페이지에서 다시 동의하면 풀리며, 직원이 "
            "할 일은 없습니다."
        ),
        (
            "They have withdrawn the consent to the processing. It ends when they consent again on their status "
            "page; staff have nothing to do."
        ),
    ),
    "stopped_suspended": (
        (
            "본인이 이용을 멈추도록 요구했습니다. 다시 써도 된다고 본인이 알려 오면 개인정보 보호책임자가 sadari "
            "data-request resume 명령으로 풉니다."
        ),
        (
            "They have objected. Once they say that it may go on, the privacy officer lifts it by sadari "
            "data-request resume."
        ),
    ),
    "no_letters_here": ("이 건에 대한 안내문이 없습니다.", "There is no letter about this case."),
    "leads": ("결과", "What it leads to"),
}
