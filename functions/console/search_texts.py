"""What the search for people and cases says, in Korean and English."""

SEARCH: dict[str, tuple[str, str]] = {
    "search_people": ("사람이나 건으로 찾기", "Find a person or a case"),
    "search_field": ("이메일, 휴대전화, 건 번호 또는 이름", "E-mail, mobile number, case id or name"),
    "search_hint": (
        "이름은 앞 두 글자부터 찾습니다. 사람을 찾으면 누구의 건을 보았는지 열람 기록에 남습니다.",
        "Names are found from their first two letters. Whose cases were shown goes to the access log.",
    ),
    "search_student": ("학번", "Student number"),
    "search_not_yours": (
        "이 역할로는 사람을 찾을 수 없습니다. 건 번호로 찾아 주십시오.",
        "This role may not search for people. Search by the id of a case.",
    ),
    "search_unfit": ("찾을 수 없는 글자가 들어 있습니다.", "This holds characters that cannot be searched for."),
    "search_no_mobile": (
        "휴대전화 번호가 아닙니다. 010-1234-5678처럼 적거나, 학번은 학번 칸에 적어 주십시오.",
        "This is no mobile number; write it as 010-1234-5678. A student number has a field of its own.",
    ),
    "search_too_short": ("이름은 두 글자 이상 적어 주십시오.", "Give at least two letters of the name."),
    "filters": ("조건으로 보기", "List by conditions"),
    "filter_show": ("보기", "Show"),
    "filter_all_of": ("{}: 모두", "{}: any stage"),
    "filter_due": ("다음 기한", "Next due"),
    "filter_due_day": ("하루 안", "within a day"),
    "filter_due_days": ("{}일 안", "within {} days"),
    "filter_university": ("대학교", "University"),
    "filter_at_risk": ("출석 미달", "Attendance too low"),
    "filter_at_risk_only": ("출석 미달만", "only these"),
}
