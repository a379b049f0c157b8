"""The words of the generated pages: Korean for every identifier, English only where the automatic one reads badly.

A stage is looked up as `workflow.stage` first, for names that mean two things.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from schemas.notices import EventGivenUp, QuestionOverdue
from workflows.definitions.words_en import EN_OVERRIDES
from workflows.engine.definition import Notify, On, Order, Ring, Workflow
from workflows.engine.words import Words, word_of_stage

KO: Mapping[str, str] = {
    # ---- workflows
    "round": "모집 회차",
    "review": "서류 심사",
    "interviews": "면접 일정",
    "application": "지원",
    "appeal": "이의신청",
    "enrolment": "교육 이수",
    "outcome": "수료 후 성과",
    "data_request": "개인정보 요구",
    # ---- roles
    "applicant": "지원자",
    "learner": "교육생",
    "operator": "운영 담당자",
    "reviewer": "심사위원",
    "instructor": "강사",
    "career_staff": "취업 지원 담당자",
    "university": "대학 담당자",
    "city": "시청 담당자",
    "lead": "총괄 책임자",
    "admin": "시스템 관리자",
    "auditor": "감사 담당자",
    "privacy_officer": "개인정보 보호책임자",
    "partners": "협력 기관",
    # ---- stages of a round
    "planned": "모집 준비",
    "open": "모집 중",
    "closed": "모집 마감",
    "extension_proposed": "접수 기간 연장 검토",
    "screening": "심사 중",
    "decided": "순위 승인 대기",
    "approved": "발표 대기",
    "published": "결과 발표",
    "supplement_proposed": "추가모집 검토",
    "supplemented": "추가모집 진행",
    "filled": "선발 종료",
    # ---- stages of a review
    "assigned": "심사 배정",
    "reading": "심사 진행",
    "review.submitted": "심사 완료",
    "conflicted": "이해충돌로 제외",
    "review.declined": "심사 거절",
    "overdue": "심사 기한 경과",
    "review.closed": "심사 종료",
    # ---- stages of interviews
    "booking": "면접 시간 예약 중",
    "over": "면접 일정 종료",
    # ---- stages of an application
    "submitted": "접수",
    "late": "마감 후 접수",
    "ineligible_proposed": "자격 미달 검토",
    "ineligible_appealable": "자격 미달(이의신청 가능)",
    "ineligible": "자격 미달",
    "eligible": "자격 충족",
    "waitlisted": "예비 합격",
    "waitlist_check": "예비 합격자의 자격 재검토",
    "skip_proposed": "예비 합격 제외 검토",
    "skipped": "예비 합격 제외",
    "not_selected_appealable": "미선발(이의신청 가능)",
    "not_selected": "미선발",
    "deferred": "다음 모집 대기",
    "reinstated": "이의신청 인용(자리 검토)",
    "seat_granted": "정원 외 자리 승인",
    "awaiting_seat": "이의신청 인용(다음 빈자리 대기)",
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
    # ---- stages of an appeal
    "filed": "이의신청 접수",
    "too_late": "이의신청 기간 경과",
    "under_review": "이의신청 검토",
    "inadmissible": "이의신청 각하",
    "upheld": "이의신청 인용",
    "dismissed": "이의신청 기각",
    "appeal.withdrawn": "이의신청 취하",
    # ---- stages of a request about one's own data
    "identity_check": "본인 확인 중",
    "in_progress": "처리 검토 중",
    "granted": "요구 승인",
    "erasing": "삭제 대기(24시간)",
    "fulfilling": "처리 실행 중",
    "done": "처리 완료",
    "partially_refused": "일부 거절",
    "data_request.refused": "거절",
    "data_request.withdrawn": "요구 취소",
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
    "AnswerTakenBack": "답변 거두기",
    "ListOutdated": "순위 재확정 필요",
    "QuestionAnswered": "질문 답변",
    "CalendarMoved": "일정 변경",
    "RoundPlanned": "모집 회차 등록",
    "ReviewersNamed": "심사위원 지정",
    "ExtensionProposed": "접수 기간 연장 제안",
    "SupplementProposed": "추가모집 제안",
    "SeatsMoved": "빈자리 이관",
    "ResultsContinued": "결과 안내 계속",
    "RankingFrozen": "순위 확정",
    "SeatTaken": "자리 확정",
    "SeatReturned": "자리 반환",
    "SeatClaimed": "다음 빈자리 우선 배정 요청",
    "SeatAdded": "정원 외 자리 배정 요청",
    "ApplicationSubmitted": "지원서 제출",
    "ScoreRecorded": "심사 점수 기록",
    "EnrolmentChecked": "학적 확인",
    "ConflictFound": "이해충돌 확인",
    "ReviewGiven": "심사 결과 도착",
    "OfferMade": "합격 제안",
    "WaitlistPlaced": "예비 순번 배정",
    "NotSelected": "미선발 결정",
    "WaitlistClosed": "예비 합격 종료",
    "RoundMerged": "추가모집으로 이관",
    "OfferAccepted": "합격 제안 수락",
    "OfferLengthened": "응답 기한 연장 통지",
    "OfferExtended": "응답 기한 연장",
    "SkipProposed": "예비 합격 제외 제안",
    "InterestDeferred": "다음 모집 안내 신청",
    "AppealUpheld": "이의신청 인용",
    "OfferDeclined": "합격 제안 거절",
    "ApplicationWithdrew": "지원 철회",
    "EnrolmentLeft": "교육 이수 중단",
    "InterviewsPlanned": "면접 일정 등록",
    "InterviewInvited": "면접 대상자 지정",
    "InterviewChosen": "면접 시간 선택",
    "InterviewMissed": "면접 불참 확인",
    "InterviewReopened": "면접 시간 재선택 허용",
    "SlotWanted": "면접 시간 요청",
    "SlotReturned": "면접 시간 반환",
    "SlotGiven": "면접 시간 배정",
    "SlotFull": "면접 시간 배정 불가",
    "ReviewAssigned": "심사 배정",
    "NoConflictStated": "이해충돌 없음 확인",
    "ConflictDeclared": "이해충돌 신고",
    "ReviewDeclined": "심사 거절",
    "ReviewSubmitted": "심사표 제출",
    "ReviewReopened": "심사표 수정 허용",
    "AppealFiled": "이의신청 제출",
    "AppealWithdrawn": "이의신청 취하",
    "DataRequested": "개인정보 요구 접수",
    "DataRequestPassed": "개인정보 요구 처리 개시",
    "DataRequestLimited": "법령상 보존 항목 지정",
    "DataRequestFulfilled": "개인정보 요구 처리 실행",
    "DataRequestBlocked": "법적 보존으로 처리 불가",
    "DataRequestTakenBack": "개인정보 요구 취소",
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
    "ConsentMissing": "필수 동의 누락 안내",
    "NoOpenOffer": "열린 합격 제안이 없음을 안내",
    "OfferProlonged": "응답 기한 연장 안내",
    "Waitlisted": "예비 합격 안내",
    "NoSeat": "미선발 안내",
    "WaitlistEnded": "예비 합격 종료 안내",
    "WaitlistSkipped": "예비 합격 제외 안내",
    "WaitlistMoved": "추가모집 순위 재산정 안내",
    "DeferralReceived": "다음 모집 안내 신청 확인",
    "ApplicationRestored": "지원 재개 안내",
    "InterviewInvitation": "면접 안내(시간 선택 요청)",
    "InterviewBooked": "면접 시간 확정 안내",
    "InterviewSlotFull": "선택한 면접 시간 배정 불가 안내",
    "InterviewNotChanged": "면접 시간 선택 미반영 안내",
    "InterviewDue": "면접 임박 안내",
    "InterviewAbsence": "면접 불참 안내",
    "InterviewChoiceReopened": "면접 시간 재선택 안내",
    "AppealReceived": "이의신청 접수 확인",
    "AppealTooLate": "이의신청 기간 경과 안내",
    "AppealInadmissible": "이의신청 각하 안내",
    "AppealDismissed": "이의신청 기각 안내",
    "AppealAccepted": "이의신청 인용 안내",
    "AppealTakenBack": "이의신청 취하 확인",
    "DataRequestReceived": "개인정보 요구 접수 확인",
    "DataRequestDelayed": "개인정보 요구 처리 지연 안내",
    "DataRequestDone": "개인정보 요구 처리 완료 안내",
    "DataRequestRefused": "개인정보 요구 거절 안내",
    "DataRequestTakenBackReceived": "개인정보 요구 취소 확인",
    "ErasureComing": "개인정보 삭제 예정 안내",
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
    "RankingOutdated": "순위 재산정 요청",
    "SeatsUnfilled": "빈자리 발생 알림(추가모집 검토)",
    "AnswerHeardLate": "뒤늦게 도착한 수락 확인 요청",
    "AppealHeardLate": "늦게 인용된 이의신청 확인 요청",
    "ThirdReaderNeeded": "세 번째 심사위원 배정 요청",
    "ReviewerNeeded": "다른 심사위원 배정 요청",
    "InterviewNotBooked": "면접 시간 미선택 알림",
    "ReviewAsked": "심사 요청",
    "ReviewDue": "심사 기한 임박 알림",
    "OfferUnanswered": "합격 제안 미응답 알림",
    "LearnerAtRisk": "출석 위험 알림",
    "OutcomeSilent": "근황 무응답 알림(전화 요청)",
    "DataRequestFiled": "개인정보 요구 접수 알림",
    "DataRequestDue": "개인정보 요구 기한 임박 알림",
    "DataRequestOverdue": "개인정보 요구 기한 초과 알림",
    "DataRequestGranted": "개인정보 요구 승인 알림(처리 실행)",
    "DataRequestStuck": "개인정보 요구 미실행 알림",
    # ---- notices to partners
    "RoundOpened": "모집 시작 알림",
    "ResultsPublished": "결과 발표 알림",
    "RoundFilled": "선발 종료 알림",
    "LearnerEnrolled": "교육생 확정 알림",
    "PhaseCompleted": "과정 단계 통과 알림",
    "LearnerCompleted": "수료 알림",
    "LearnerLeft": "중도 이탈 알림",
    "OutcomeKnown": "12개월 차 성과 알림",
    "ConsentEnded": "동의 철회 알림",
    "ProcessingSuspended": "개인정보 처리정지 알림",
    "DataCorrected": "개인정보 정정 알림",
    "DataErased": "개인정보 삭제 알림",
    # ---- guards
    "needs_nobody": "본인의 링크로 접수된 열람 또는 동의 철회인 경우",
    "comes_by_own_link": "본인의 링크로 접수된 경우",
    "asks_to_erase": "삭제를 요구한 경우",
    "erased_but_keeps": "법령상 보존 항목을 남기고 삭제한 경우",
    "was_erased": "모두 삭제한 경우",
    "was_corrected": "정정한 경우",
    "consent_has_ended": "동의가 철회된 경우",
    "is_suspended": "처리가 정지된 경우",
    "changes_nothing": "내용이 같거나 이미 반영된 것보다 먼저 제출한 경우",
    "is_of_another": "다른 교육 이수 건인 경우",
    "ranks_another_round": "다른 회차의 순위인 경우",
    "is_ranked": "승인된 순위에 있는 지원 건인 경우",
    "selects_too_few": "자리를 받을 수 있는 사람이 정원보다 적은 경우",
    "leaves_seats_empty": "돌아온 자리를 받을 대기자가 없는 경우",
    "extends_nothing": "지금보다 새 일정이 아니거나 마감이 더 늦지 않은 경우",
    "has_no_seat_to_give": "넘길 빈자리가 없거나 지금보다 새 일정이 아닌 경우",
    "is_late": "마감 뒤 유예 시간까지 지나 제출된 경우",
    "meets_the_rules": "지원 자격을 모두 충족한 경우",
    "is_confirmed": "학적이 확인된 경우",
    "does_not_count": "심사할 수 없는 심사위원이거나 그 뒤에 고쳐 제출한 경우",
    "differs_widely": "심사위원 사이의 점수 차가 기준보다 큰 경우",
    "was_overtaken": "같은 지원 건의 더 새로운 요청이나 반환이 이미 처리된 경우",
    "there_is_room": "아직 시작하지 않은 면접 시간에 빈자리가 있는 경우",
    "has_chosen": "면접 시간이 정해졌거나 배정을 기다리는 경우",
    "chooses_the_same": "이미 선택한 시간과 같은 경우",
    "may_not_choose": "면접 대상자가 아니거나, 선택 기한이 지났거나, 두 번 변경했거나, 면접이 시작된 경우",
    "answers_nothing": "더 새로운 요청으로 시간이 정해졌거나 요청을 모두 거둔 경우",
    "was_expected": "면접이 시작되었고 불참이 아직 기록되지 않은 경우",
    "cannot_reopen": "면접 대상자가 아니거나, 이미 한 번 허용했거나, 새 기한이 지난 경우",
    "has_no_slot": "정해진 면접 시간이 없는 경우",
    "is_to_be_reminded": "그보다 먼저 시간이 정해졌고 면접이 아직 시작되지 않은 경우",
    "results_are_out": "결과가 이미 발표된 경우",
    "lacks_consent": "필수 동의가 빠진 경우",
    "was_prolonged": "응답 기한을 이미 연장한 경우",
    "is_in_time_now": "연장된 마감 안에 제출한 경우",
    "keeps_its_dates": "마감을 그대로 두고 발표를 앞당기지 않는 새 일정인 경우",
    "was_in_time": "기한 안에 답한 경우",
    "claims_in_time": "응답 기한 안에 필수 동의를 모두 갖추어 답한 경우",
    "claims_without_consent": "응답 기한 안에 답했으나 필수 동의가 빠진 경우",
    "was_made_by_rank": "인용 전의 순위에 따른 제안인 경우",
    "is_anothers": "배정된 심사위원이 아닌 사람이 보낸 경우",
    "is_complete": "모든 심사 항목에 범위 안의 점수를 준 경우",
    "is_too_late": "이의신청 기간이 지난 경우",
    "attendance_is_low": "출석률이 기준보다 낮은 경우",
    "may_complete": "수료 요건을 모두 갖춘 경우",
    "is_hired": "취업한 경우",
    "has_founded": "창업한 경우",
    "is_studying": "학업을 이어 가는 경우",
    "calendar_is_newer": "지금 일정보다 새 일정인 경우",
    # ---- moments
    "applications_open": "모집 시작 시각",
    "applications_close": "모집 마감 시각",
    "form_closes": "지원서 접수 종료 시각(모집 마감 뒤 유예 시간 포함)",
    "results_at": "결과 발표 시각",
    "promotion_ends": "예비 합격 운영 종료 시각",
    "programme_starts": "과정 시작 시각",
    "online_ends": "온라인 기초 과정 종료 시각",
    "offline_ends": "오프라인 과정 종료 시각",
    "programme_ends": "전체 과정 종료 시각",
    "month3": "과정 종료 3개월 시점",
    "month6": "과정 종료 6개월 시점",
    "month12": "과정 종료 12개월 시점",
    "last_interview": "마지막 면접 시작 시각",
    "choose_by": "면접 시간 선택 기한",
    "interview_at": "면접 시작 시각",
    "answer_by": "응답 기한",
    "alarm_on": "접수 7일째(기한 3일 전)",
    "request_ends": "처리 기한(접수 후 10일)",
    "half_of_offer": "응답 기간의 절반이 지난 시각",
    "most_of_offer": "응답 기간의 80%가 지난 시각",
    "hours_before_answer": "응답 기한 2시간 전",
    "review_due": "심사 기한",
    "claim_window": "늦게 도착한 수락을 받는 기간",
    "first_silence": "합격 제안의 첫 미응답 확인 시각(가장 이른 응답 기한 1시간 뒤)",
    "onboarding_due": "시작 전 준비 재안내 시각(과정 시작 3일 전, 늦게 등록했으면 등록 1일 뒤)",
    "missed_from": "불참 여부 확인 시각(과정 시작 2일 뒤, 늦게 등록했으면 등록 2일 뒤)",
    # ---- what is decided on, and who may not decide
    "its_list": "확정된 순위 명단",
    "its_proposal": "제안된 내용",
    "the_ranker": "순위를 확정한 사람",
    "whoever_decided": "먼저 결정하거나 답한 사람",
    "whoever_checked": "대학 확인 결과를 올린 사람",
    "the_proposer": "제안한 사람",
    # ---- recipients of events
    "its_round": "해당 모집 회차",
    "its_round_if_checked": "해당 모집 회차(자격 충족 뒤에 자격 미달이 확인된 때에만)",
    "itself": "해당 요구 자신",
    "itself_if_more": "해당 모집 회차 자신(안내할 순위가 남은 때에만)",
    "the_supplement": "추가모집 회차",
    "the_gainer": "추가모집 회차(넘길 자리가 있는 때에만)",
    "what_is_asked": "요구 내용",
    "its_decision": "이의신청 대상 건",
    "its_application": "해당 지원 건",
    "its_interviews": "해당 면접 일정",
    "its_interviews_if_chosen": "해당 면접 일정(면접 시간을 선택한 때에만)",
    "whoever_gets_it": "면접 시간을 배정받은 지원 건",
    "whoever_cannot_have_it": "면접 시간을 배정받지 못한 지원 건",
    "its_enrolment": "해당 교육 이수 건",
    "its_outcome": "해당 수료 후 성과 건",
    "those_offered": "새로 합격 제안을 받는 지원 건",
    "those_waiting": "예비 순번을 받는 지원 건",
    "those_without_a_seat": "선발되지 않은 지원 건",
    "those_still_waiting": "빈자리를 받지 못한 채 기다리는 지원 건",
    "those_merged": "추가모집에서 순위를 다시 정할 예비 합격 건",
    # ---- questions
    "Is this ranking right, and may the results be published?": "이 순위가 맞습니까? 결과를 발표해도 됩니까?",
    "May applications be open until the date that is proposed?": "제안된 날짜까지 접수 기간을 연장하시겠습니까?",
    "May the free seats go to the supplementary round that is proposed?": (
        "남은 자리를 제안된 추가모집으로 넘기시겠습니까?"
    ),
    "Is this applicant really not eligible?": "이 지원자는 정말로 지원 자격이 없습니까?",
    "This answer was given in time but heard late. Does the applicant get the next free seat?": (
        "기한 안에 한 수락이 늦게 도착했습니다. 이 지원자에게 다음 빈자리를 주시겠습니까?"
    ),
    "May this applicant be passed over on the waitlist?": "이 지원자를 예비 합격에서 제외하시겠습니까?",
    "This appeal was upheld. Is a seat over capacity granted, if no other comes free?": (
        "이의신청이 인용되었습니다. 다른 빈자리가 없으면 정원 외 자리를 승인하시겠습니까?"
    ),
    "Is this appeal admissible?": "이 이의신청은 요건을 갖추었습니까?",
    "Is this appeal upheld?": "이 이의신청을 인용하시겠습니까?",
    "Is it proved that this request comes from the person concerned?": "이 요구가 본인의 것임이 확인되었습니까?",
    "Is this request about personal data granted?": "이 개인정보 요구를 승인하시겠습니까?",
    "Has this learner really not shown up?": "이 교육생은 정말로 참여하지 않았습니까?",
    "Has this learner passed online basics?": "이 교육생은 온라인 기초 과정을 통과했습니까?",
    "Has this learner passed offline training?": "이 교육생은 오프라인 과정을 통과했습니까?",
    "May this learner complete without a pitch?": "이 교육생을 피칭 없이 수료로 인정하시겠습니까?",
}
"""By identifier, or by the English text of a question.  A guard is a condition, a moment and a stage are nouns."""

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
