"""What the pages of a cohort say beside the texts of all pages, in Korean and English."""

COHORTS: dict[str, tuple[str, str]] = {
    "cohort_window": (
        "교육생 {}명을 보고 있습니다(모두 {}명). 파일에는 모두 들어 있습니다.",
        "These are {} of {} learners; the files hold all of them.",
    ),
    "cohort_window_next": ("다음 교육생", "The next learners"),
    "at_risk_other_plan": ("다른 계획의 규칙:", "By the rules of another plan:"),
    "funnel_text": (
        "건으로 셉니다. 두 번 모집에 모두 지원한 사람은 지원이 두 건입니다.",
        "Cases are counted: whoever applied to two rounds has two applications.",
    ),
    "phases": ("과정 진도", "Phases"),
    "phase": ("과정", "Phase"),
    "phase_dates": ("기간", "From – to"),
    "phase_passed_share": ("지난 기간", "Time passed"),
    "phase_taught": ("교육 중", "Being taught"),
    "phase_waiting": ("심사 대기", "Waiting for a word"),
    "phase_passed": ("통과", "Passed"),
    "phase_online": ("온라인 기초", "Online basics"),
    "phase_offline": ("오프라인 교육", "Offline training"),
    "phase_pitch": ("피칭", "Pitch"),
    "outcomes_text": (
        "등록한 교육생 {}명 가운데 수료한 사람입니다. 비율은 등록한 사람 전체로 나누어야 합니다.",
        "Those who completed, of {} who were enrolled; a rate is a share of all who were enrolled.",
    ),
    "evidence": ("마지막 보고의 증빙", "Evidence of the last report"),
    "evidence_all": ("모두", "All"),
    "roster": ("교육생 명단", "Roster"),
    "roster_text": (
        "이름을 볼 때마다 교육생마다 열람 기록이 남습니다.",
        "Every look at a name leaves a row in the access log, one for each learner.",
    ),
    "roster_nobody": ("지금 교육생이 없습니다.", "There are no learners now."),
    "records_planned_by": ("이 기수의 위험 판단 규칙: {}", "This cohort's rules of risk: {}"),
}
