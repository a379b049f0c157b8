"""The words of the generated pages: Korean for every identifier, English only where the automatic one reads badly.

A stage is looked up as `workflow.stage` first, for names that mean two things.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from schemas.notices import EventGivenUp, QuestionOverdue
from workflows.engine.definition import Notify, On, Order, Ring, Workflow
from workflows.engine.words import Words, word_of_stage

KO: Mapping[str, str] = {
    # ---- workflows
    "round": "모집 회차",
    "application": "지원",
    "enrolment": "교육 이수",
    "outcome": "수료 후 성과",
    # ---- roles
    "applicant": "지원자",
    "learner": "교육생",
    "operator": "운영 담당자",
    "instructor": "강사",
    "career_staff": "취업 지원 담당자",
    "university": "대학 담당자",
    "city": "시청 담당자",
    "lead": "총괄 책임자",
    "partners": "협력 기관",
    # ---- stages of a round
    "planned": "모집 준비",
    "open": "모집 중",
    "closed": "모집 마감",
    "ranked": "순위 승인 대기",
    "approved": "발표 대기",
    "published": "결과 발표",
    "filled": "선발 종료",
    # ---- stages of an application
    "submitted": "접수",
    "late": "마감 후 접수",
    "ineligible_proposed": "자격 미달 검토",
    "ineligible": "자격 미달",
    "eligible": "자격 충족",
    "waitlisted": "예비 합격",
    "not_selected": "미선발",
    "offered": "합격 제안",
    "lapsed": "응답 기한 경과",
    "claim_proposed": "늦게 도착한 수락 검토",
    "claiming": "다음 빈자리 대기",
    "accepted": "수락",
    "enrolled": "등록 확정",
    "declined": "제안 거절",
    "expired": "제안 만료",
    "claim_refused": "늦게 도착한 수락 반려",
    "vacated": "자리 반납",
    "application.withdrawn": "지원 철회",
    # ---- stages of an enrolment
    "onboarding": "시작 전 준비",
    "ready": "준비 완료",
    "no_show_proposed": "불참 여부 확인",
    "no_show": "불참",
    "online": "온라인 기초 과정",
    "online_gate": "온라인 과정 통과 심사",
    "offline": "오프라인 과정",
    "offline_gate": "오프라인 과정 통과 심사",
    "pitching": "피칭·네트워킹 과정",
    "pitch_missed": "피칭 미실시 검토",
    "completed": "수료",
    "not_completed": "미수료",
    "withdrawn": "중도 포기",
    # ---- stages of an outcome; month3, month6 and month12 alone are the dates
    "supported": "취업·창업 지원",
    "outcome.month3": "3개월 차 조사",
    "after_month3": "3개월 차 조사 종료",
    "outcome.month6": "6개월 차 조사",
    "after_month6": "6개월 차 조사 종료",
    "outcome.month12": "12개월 차 조사",
    "hired": "취업",
    "founded": "창업",
    "studying": "학업 지속",
    "none": "구직 중",
    "silent": "무응답",
    # ---- events
    "TimerRang": "예약 시각 도래",
    "QuestionAnswered": "질문 답변",
    "CalendarMoved": "일정 변경",
    "RoundPlanned": "모집 회차 등록",
    "RankingFrozen": "순위 확정",
    "SeatTaken": "자리 확정",
    "SeatReturned": "자리 반환",
    "SeatClaimed": "다음 빈자리 우선 배정 요청",
    "ApplicationSubmitted": "지원서 제출",
    "ScoreRecorded": "심사 점수 기록",
    "OfferMade": "합격 제안",
    "WaitlistPlaced": "예비 순번 배정",
    "NotSelected": "미선발 결정",
    "WaitlistClosed": "예비 합격 종료",
    "OfferAccepted": "합격 제안 수락",
    "OfferDeclined": "합격 제안 거절",
    "ApplicationWithdrew": "지원 철회",
    "EnrolmentLeft": "교육 이수 중단",
    "EnrolmentOpened": "교육생 등록",
    "OnboardingFinished": "시작 전 준비 완료",
    "AttendanceRecorded": "출석률 기록",
    "AssessmentSubmitted": "과제 제출",
    "Pitched": "피칭 완료",
    "LearnerWithdrew": "중도 포기 신청",
    "OutcomeOpened": "수료 후 지원 시작",
    "OutcomeReported": "근황 보고",
    # ---- notices to people
    "ApplicationReceived": "지원서 접수 확인",
    "ApplicationEdited": "지원서 수정 확인",
    "EditHeardLate": "늦게 도착한 수정 확인 요청",
    "EditTooLate": "마감 후 수정 미반영 안내",
    "ApplicationLate": "마감 후 접수 안내",
    "ApplicationIneligible": "자격 미달 안내",
    "SeatOffered": "합격 안내",
    "OfferExpiring": "응답 기한 임박 안내",
    "ClaimRefused": "늦게 도착한 수락 반려 안내",
    "DeclineReceived": "제안 거절 확인",
    "OfferExpired": "합격 제안 종료 안내",
    "AnswerTooLate": "기한 후 응답 미반영 안내",
    "Waitlisted": "예비 합격 안내",
    "NoSeat": "미선발 안내",
    "WaitlistEnded": "예비 합격 종료 안내",
    "AcceptanceReceived": "수락 확인",
    "WithdrawalReceived": "지원 철회 확인",
    "OnboardingStarted": "시작 전 준비 안내",
    "OnboardingDue": "시작 전 준비 미완료 안내",
    "PhaseStarted": "과정 단계 시작 안내",
    "GateFailed": "통과 심사 탈락 안내",
    "ProgrammeCompleted": "수료 안내",
    "ProgrammeLeft": "참여 종료 안내",
    "NoShowConfirmed": "불참 확인 안내",
    "AttendanceLow": "출석률 부족 안내",
    "OutcomeAsked": "근황 조사 요청",
    "OutcomeReceived": "근황 접수 확인",
    # ---- notices to staff
    "QuestionOverdue": "답변 기한 초과 알림",
    "EventGivenUp": "처리되지 못한 사건 알림",
    "ResultsOverdue": "결과 지연 알림",
    "RankingDue": "순위 확정 요청",
    "OfferUnanswered": "합격 제안 미응답 알림",
    "LearnerAtRisk": "출석 위험 알림",
    "OutcomeSilent": "근황 무응답 알림(전화 요청)",
    # ---- notices to partners
    "RoundOpened": "모집 시작 알림",
    "ResultsPublished": "결과 발표 알림",
    "RoundFilled": "선발 종료 알림",
    "LearnerEnrolled": "교육생 확정 알림",
    "PhaseCompleted": "과정 단계 통과 알림",
    "LearnerCompleted": "수료 알림",
    "LearnerLeft": "중도 이탈 알림",
    "OutcomeKnown": "12개월 차 성과 알림",
    # ---- guards
    "changes_nothing": "내용이 같거나 이미 반영된 것보다 먼저 제출한 경우",
    "is_of_another": "다른 교육 이수 건인 경우",
    "ranks_another_round": "다른 회차의 순위인 경우",
    "its_ranking": "확정된 순위",
    "is_late": "마감 뒤에 제출된 경우",
    "meets_the_rules": "지원 자격을 모두 충족한 경우",
    "was_in_time": "응답 기한 안에 답한 경우",
    "attendance_is_low": "출석률이 기준보다 낮은 경우",
    "may_complete": "수료 요건을 모두 갖춘 경우",
    "is_hired": "취업한 경우",
    "has_founded": "창업한 경우",
    "is_studying": "학업을 이어 가는 경우",
    "calendar_is_newer": "지금 일정보다 새 일정인 경우",
    # ---- moments
    "applications_open": "모집 시작 시각",
    "applications_close": "모집 마감 시각",
    "results_at": "결과 발표 시각",
    "promotion_ends": "예비 합격 운영 종료 시각",
    "programme_starts": "과정 시작 시각",
    "online_ends": "온라인 기초 과정 종료 시각",
    "offline_ends": "오프라인 과정 종료 시각",
    "programme_ends": "전체 과정 종료 시각",
    "month3": "과정 종료 3개월 시점",
    "month6": "과정 종료 6개월 시점",
    "month12": "과정 종료 12개월 시점",
    "answer_by": "응답 기한",
    "day_before_answer": "응답 기한 24시간 전",
    "hours_before_answer": "응답 기한 2시간 전",
    "claim_window": "늦게 도착한 수락을 받는 기간",
    "first_silence": "합격 제안의 첫 미응답 확인 시각(가장 이른 응답 기한 1시간 뒤)",
    "onboarding_due": "시작 전 준비 재안내 시각(과정 시작 3일 전, 늦게 등록했으면 등록 1일 뒤)",
    "missed_from": "불참 여부 확인 시각(과정 시작 2일 뒤, 늦게 등록했으면 등록 2일 뒤)",
    # ---- recipients of events
    "its_round": "해당 모집 회차",
    "its_application": "해당 지원 건",
    "its_enrolment": "해당 교육 이수 건",
    "its_outcome": "해당 수료 후 성과 건",
    "those_offered": "새로 합격 제안을 받는 지원 건",
    "those_waiting": "예비 순번을 받는 지원 건",
    "those_without_a_seat": "선발되지 않은 지원 건",
    "those_still_waiting": "빈자리를 받지 못한 채 기다리는 지원 건",
    # ---- questions
    "Is this ranking right, and may the results be published?": "이 순위가 맞습니까? 결과를 발표해도 됩니까?",
    "Is this applicant really not eligible?": "이 지원자는 정말로 지원 자격이 없습니까?",
    "This answer was given in time but heard late. Does the applicant get the next free seat?": (
        "기한 안에 한 수락이 늦게 도착했습니다. 이 지원자에게 다음 빈자리를 주시겠습니까?"
    ),
    "Has this learner really not shown up?": "이 교육생은 정말로 참여하지 않았습니까?",
    "Has this learner passed online basics?": "이 교육생은 온라인 기초 과정을 통과했습니까?",
    "Has this learner passed offline training?": "이 교육생은 오프라인 과정을 통과했습니까?",
    "May this learner complete without a pitch?": "이 교육생을 피칭 없이 수료로 인정하시겠습니까?",
}
"""By identifier, or by the English text of a question.  A guard is a condition, a moment and a stage are nouns."""

EN_OVERRIDES: Mapping[str, str] = {
    # ---- roles
    "city": "city office",
    # ---- stages
    "ineligible_proposed": "ineligibility under review",
    "claiming": "waiting for the next free seat",
    "claim_proposed": "late-heard acceptance under review",
    "vacated": "seat given up",
    "no_show_proposed": "no-show under review",
    "no_show": "no-show",
    "online": "online basics",
    "online_gate": "gate after online basics",
    "offline": "offline training",
    "offline_gate": "gate after offline training",
    "pitching": "pitching and networking",
    "pitch_missed": "missing pitch under review",
    "outcome.month3": "month 3 survey",
    "after_month3": "month 3 settled",
    "outcome.month6": "month 6 survey",
    "after_month6": "month 6 settled",
    "outcome.month12": "month 12 survey",
    "none": "looking for work",
    "silent": "no answer",
    # ---- events and notices
    "Pitched": "learner pitched",
    "OutcomeSilent": "no answer about the outcome",
    "ApplicationLate": "application came late",
    "NoShowConfirmed": "no-show confirmed",
    "ApplicationIneligible": "application not eligible",
    # ---- guards, to be read after "when"
    "is_late": "it came after the close",
    "changes_nothing": "it says the same as before, or was sent before what counts",
    "is_of_another": "it is another enrolment",
    "ranks_another_round": "it ranks another round",
    "meets_the_rules": "every eligibility rule is met",
    "was_in_time": "it was given in time",
    "may_complete": "nothing that completion needs is missing",
    "is_hired": "the learner has a job",
    "has_founded": "the learner has founded a company",
    "is_studying": "the learner goes on studying",
    "calendar_is_newer": "the calendar is newer",
    # ---- moments, as nouns
    "applications_open": "the opening of applications",
    "applications_close": "the close of applications",
    "results_at": "the publication of results",
    "promotion_ends": "the close of the waitlist",
    "programme_starts": "the start of the programme",
    "online_ends": "the end of online basics",
    "offline_ends": "the end of offline training",
    "programme_ends": "the end of the programme",
    "month3": "the three-month mark after the programme",
    "month6": "the six-month mark after the programme",
    "month12": "the twelve-month mark after the programme",
    "answer_by": "the end of the offer",
    "day_before_answer": "24 hours before the end of the offer",
    "hours_before_answer": "2 hours before the end of the offer",
    "claim_window": "the window for acceptances heard late",
    "first_silence": "the check for unanswered offers (1 hour after the earliest open one ends)",
    "onboarding_due": "the reminder of the preparations (3 days before the start, or 1 day after a late promotion)",
    "missed_from": "the no-show check (2 days after the start, or after a late promotion)",
    # ---- recipients of events
    "those_offered": "those newly offered a seat",
    "those_waiting": "those on the waitlist",
    "those_without_a_seat": "those without a seat or a place on the waitlist",
}
"""By identifier; where none is given, the identifier's own words in lower case read well."""


WORDS = Words(ko=KO, en=EN_OVERRIDES)


def missing_words(workflows: Iterable[Workflow]) -> list[str]:
    """Give every identifier that the workflows use and that has no Korean, in reading order."""
    missing: dict[str, None] = {}
    for workflow in workflows:
        missing |= dict.fromkeys(name for name in _identifiers(workflow) if name not in KO)
        stages = (stage for stage in workflow.states if word_of_stage(KO, workflow.name, stage) is None)
        missing |= dict.fromkeys(f"{workflow.name}.{stage}" for stage in stages)
    return list(missing)


def _identifiers(workflow: Workflow) -> Iterator[str]:
    """Give what the workflow names, other than its stages; the same name may come again."""
    # The engine itself tells these two, in any workflow.
    yield from (workflow.name, QuestionOverdue.__name__, EventGivenUp.__name__)
    for on in (*workflow.opens, *workflow.throughout):
        yield from _in_clause(on)
    for state in workflow.states.values():
        yield from _in_orders(state.entry)
        for ask in state.asks:
            yield ask.question
            yield from (role.name for role in (*ask.roles, ask.escalate_to) if role is not None)
            yield from _named(ask.not_by)
            yield from _named(ask.about)
        clauses: tuple[On | Ring, ...] = (*state.ons, *state.rings)
        for clause in clauses:
            yield from _in_clause(clause)


def _in_clause(clause: On | Ring) -> Iterator[str]:
    if isinstance(clause, On):
        yield clause.event.__name__
    else:
        yield from _named(clause.moment.anchor, clause.moment.length)
    yield from _named(clause.when)
    yield from _in_orders(clause.do)


def _in_orders(orders: Iterable[Order]) -> Iterator[str]:
    for order in orders:
        if isinstance(order, Notify):
            yield from (order.role.name, order.notice.__name__)
        else:
            yield from (order.event.__name__, order.to.__name__)


def _named(*functions: Callable[..., Any] | None) -> Iterator[str]:
    yield from (function.__name__ for function in functions if function is not None)


__all__ = ["EN_OVERRIDES", "KO", "WORDS", "missing_words", "word_of_stage"]
