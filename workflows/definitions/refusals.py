"""What is said of everything that is refused, and what to do about it, by code: once in Korean, once in English.

A code stands in a history (what the engine names before the colon), in a quarantine row, or on a `SadariError`.
Released: a code is stored, so it is never renamed, and its sentence stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # every function knows these codes, and few say them in words
    from collections.abc import Mapping

    from workflows.engine.words import Language

REFUSALS: Mapping[str, tuple[str, str]] = {
    # ---- what the engine names in a history
    "question_closed": (
        "질문이 이미 닫혔거나 그사이 내용이 바뀌었습니다. 건을 다시 확인해 주십시오.",
        "The question is closed, or its facts have changed; look at the case again.",
    ),
    "not_your_question": (
        "이 역할이 답할 질문이 아닙니다. 질문이 기다리는 역할로 답해 주십시오.",
        "It is not a question for this role; answer it in a role that it needs.",
    ),
    "answered_already": (
        "이미 답이 있어 반영을 기다리고 있습니다. 답한 사람만 되돌릴 수 있습니다.",
        "It is answered already and about to take effect; only whoever answered may take that back.",
    ),
    "needs_another_person": (
        "직접 제안했거나 승인했으므로 다른 사람이 답해야 합니다.",
        "Somebody else has to answer, as you have proposed, ranked or approved it yourself.",
    ),
    "needs_a_reason": ("사유를 적어야 합니다.", "A reason has to be given."),
    "nothing_to_take_back": (
        "되돌릴 답이 없습니다. 이미 반영되었을 수 있습니다.",
        "There is no answer to take back; it may have taken effect already.",
    ),
    "not_your_answer": ("답한 사람만 되돌릴 수 있습니다.", "Only whoever gave the answer may take it back."),
    "nothing_held": ("반영을 기다리는 답이 없습니다.", "No answer waits to take effect."),
    "nobody_to_escalate_to": ("대신 답할 사람이 없습니다.", "There is nobody else who could answer."),
    "deadline_passed": (
        "기한이 지난 뒤에 도착했습니다. 일정은 운영 담당자에게 문의해 주십시오.",
        "It came after the deadline; ask the programme office about the dates.",
    ),
    "not_answered_here": (
        "지금 단계에서는 받지 않습니다. 건이 어느 단계에 있는지 확인해 주십시오.",
        "The case does not take this where it stands; look at which stage that is.",
    ),
    "nobody_answers": (
        "이 업무에서 다루지 않는 사건입니다. 보낸 쪽에 확인해 주십시오.",
        "This workflow answers no such event; ask its sender.",
    ),
    "unknown_event": (
        "알 수 없는 사건입니다. 보낸 쪽에 확인해 주십시오.",
        "There is no such event; ask its sender.",
    ),
    "bad_fields": (
        "내용이 형식에 맞지 않습니다. 보낸 쪽에서 고쳐 다시 보내야 합니다.",
        "Its fields are not as they should be; its sender has to mend them and send it again.",
    ),
    "timer_gone": (
        "건이 이미 움직였으므로 이 예약 시각은 뜻이 없습니다. 할 일이 없습니다.",
        "The case has moved on, so this timer means nothing any more; there is nothing to do.",
    ),
    "no_condition_holds": (
        "때가 되었지만 해당하는 조건이 없어 바뀐 것이 없습니다.",
        "Its time has come, but none of its conditions holds, so nothing changed.",
    ),
    "parked_full": (
        "이 건에 일찍 도착해 기다리는 것이 너무 많습니다. 건이 움직인 뒤 다시 보내 주십시오.",
        "Too much waits for this case already; send it again once the case has moved on.",
    ),
    # ---- why one of several answers that are given together is left out
    "facts_changed": (
        "그사이 내용이 바뀌어 질문이 달라졌습니다. 다시 보고 답해 주십시오.",
        "The facts have changed, and so the question; look at it again.",
    ),
    "out_of_reach": ("맡은 범위의 건이 아닙니다.", "The case is not within your reach."),
    "other_question": (
        "함께 고른 것과 다른 질문입니다. 따로 답해 주십시오.",
        "It is another question; answer it by itself.",
    ),
    "taken_back": (
        "답을 되돌려 질문이 다시 열려 있습니다.",
        "The answer was taken back, and the question is open again.",
    ),
    # ---- what a message is laid into the quarantine for
    "same_id_other_content": (
        "같은 번호로 다른 내용이 먼저 도착했습니다. 새 번호로 다시 보내야 합니다.",
        "Another content arrived before under the same id; it has to be sent under a new one.",
    ),
    "no_alarm": ("읽을 수 없는 알람입니다.", "It is no alarm that can be read."),
    "no_envelope": (
        "형식에 맞지 않는 요청이어서 읽을 수 없습니다. 보낸 쪽에 다시 요청해 주십시오.",
        "It is not as Pub/Sub sends messages and cannot be read; ask its sender.",
    ),
    "no_message": (
        "메시지로 읽을 수 없습니다. 보낸 쪽에 다시 요청해 주십시오.",
        "It cannot be read as a message; ask its sender.",
    ),
    "no_notice": (
        "알림으로 읽을 수 없습니다. 보낸 쪽에 다시 요청해 주십시오.",
        "It cannot be read as a notice; ask its sender.",
    ),
    "unfit_id": (
        "번호로 쓸 수 없는 글자가 있습니다. 보낸 쪽에서 고쳐야 합니다.",
        "An id in it is unfit; its sender has to mend it.",
    ),
    "validation_error": (
        "내용이 형식에 맞지 않습니다. 보낸 쪽에서 고쳐 다시 보내야 합니다.",
        "What it says is not as it should be; its sender has to mend it and send it again.",
    ),
    "lookup_error": (
        "이 건의 업무 흐름 버전이 지금 배포되어 있지 않습니다. 시스템 관리자에게 알려 주십시오.",
        "The version of the workflow that the case is on is not deployed; tell the administrator.",
    ),
    "gave_up": (
        "때맞춰 저장하지 못했습니다. 다시 보내면 됩니다.",
        "It could not be committed in time; send it again.",
    ),
    "form_refused": (
        "외부 양식의 응답을 받을 수 없습니다. 응답자에게 다시 받거나 연결을 고친 뒤 다시 읽어 주십시오.",
        "A response to an outside form cannot be taken in; ask for it anew, or mend the connection and read again.",
    ),
    "form_not_readable": (
        "외부 양식을 더 이상 읽을 수 없습니다. 양식의 공유 권한과 키를 확인해 주십시오. 되면 자동으로 다시 읽습니다.",
        "An outside form cannot be read any more; look at its sharing and its key. It is tried again by itself.",
    ),
    "form_not_understood": (
        "외부 양식 제공자가 알려진 형식과 다르게 답했습니다. 개발 담당자에게 알려 주십시오.",
        "A provider of forms answers otherwise than it documents; tell the developers.",
    ),
    "changed_meanwhile": (
        "그사이 다른 사람이 먼저 바꾸었습니다. 다시 확인하고 저장해 주십시오.",
        "Somebody else was faster; look again, and save once more.",
    ),
    "vendor_unavailable": (
        "양식 제공자가 지금 답하지 않습니다. 잠시 뒤 다시 해 주십시오.",
        "The provider of the form does not answer now; try again in a moment.",
    ),
    "not_a_message": (
        "메시지가 아니어서 다시 보낼 수 없습니다. 보낸 쪽에 다시 요청해 주십시오.",
        "It is no message, so it cannot be sent again; ask its sender.",
    ),
    "replayed_already": (
        "이미 다시 보내 반영되었습니다.",
        "It was sent again before, and applied.",
    ),
    # ---- what anybody may be told
    "rejected": ("받을 수 없습니다.", "This cannot be accepted."),
    "bad_form": (
        "양식에 고칠 곳이 있습니다. 표시된 항목을 고쳐 다시 보내 주십시오.",
        "The form has faults; mend what is marked and send it again.",
    ),
    "not_authenticated": (
        "누구인지 확인할 수 없습니다. 다시 로그인해 주십시오.",
        "Nobody we can name calls; sign in again.",
    ),
    "not_allowed": (
        "할 수 있는 권한이 없습니다. 권한이 필요하면 시스템 관리자에게 요청해 주십시오.",
        "This is not allowed; ask the administrator if you should be able to.",
    ),
    "not_found": (
        "찾는 것이 없거나 볼 수 있는 범위가 아닙니다.",
        "There is no such thing, or none that you may see.",
    ),
    "somebody_elses": ("다른 사람의 것입니다.", "This is somebody else's."),
    "too_many_at_once": (
        "한 번에 할 수 있는 것보다 많습니다. 나누어 해 주십시오.",
        "These are more than can be done at once; do them in parts.",
    ),
    "too_many_grants": (
        "권한 범위가 너무 많아 한 번에 볼 수 없습니다. 시스템 관리자에게 범위를 합쳐 달라고 요청해 주십시오.",
        "These are too many grants to list by at once; ask the administrator to join them.",
    ),
    "no_such_page": (
        "이 쪽은 더 이상 없습니다. 첫 쪽부터 다시 보아 주십시오.",
        "This page is not there any more; begin at the first one.",
    ),
    "unfit_name": ("쓸 수 없는 번호입니다.", "This cannot be the name of anything."),
    "too_long": ("내용이 너무 깁니다.", "This is too long."),
    "not_your_event": (
        "이 역할로는 보낼 수 없습니다.",
        "This role may not bring such an event.",
    ),
    "changes_nothing": (
        "이미 그렇게 되어 있거나 지금은 바꿀 수 없어 달라지는 것이 없습니다.",
        "It would change nothing: it is so already, or cannot be changed as things stand.",
    ),
    # ---- rounds, rankings, reviews
    "round_not_open": ("아직 접수하지 않는 모집 회차입니다.", "The round is not open yet."),
    "withdrawn_before": (
        "이 모집 회차에서 지원을 취소한 사람입니다. 운영 담당자에게 문의해 주십시오.",
        "This person has withdrawn from the round; the programme office has to be asked.",
    ),
    "another_address": (
        "이 휴대전화 번호는 다른 이메일 주소로 등록되어 있습니다. 받은 링크를 이용하거나 문의해 주십시오.",
        "This mobile number is known with another e-mail address; use the link in the letters, or ask the office.",
    ),
    "former_application_stands": (
        "앞 회차의 지원이 아직 유효합니다. 그 지원을 쓰거나 먼저 취소해야 합니다.",
        "The application to the round before still stands; it counts, or has to be withdrawn.",
    ),
    "not_your_data": (
        "본인의 정보에 대해서만 요구할 수 있습니다. 본인에게 보내 드린 링크를 이용해 주십시오.",
        "You can ask this about your own data only; use the link that was sent to you.",
    ),
    "nothing_kept": (
        "이 사람에 대해 보관하고 있는 정보가 없습니다. 이미 삭제되었을 수 있습니다.",
        "Nothing is kept of this person; it may have been erased.",
    ),
    "legal_hold": (
        "법적 보존 중인 정보라 삭제할 수 없습니다. 보존을 먼저 해제해야 합니다.",
        "These data are under a legal hold; it has to be lifted before they can be erased.",
    ),
    "person_erased": (
        "이 사람의 정보는 파기되었습니다. 새로 지원하려면 운영 담당자에게 문의해야 합니다.",
        "This person's data was erased; the programme has to be asked anew.",
    ),
    "too_many_seats": (
        "한 회차에 제안할 수 있는 자리보다 많습니다. 회차를 나누어 주십시오.",
        "These are more seats than one round can offer; plan several rounds.",
    ),
    "round_not_rankable": (
        "순위는 접수 마감 뒤부터 결과 발표 전까지만 정할 수 있습니다.",
        "A round can be ranked from its close to the publication.",
    ),
    "application_undecided": (
        "자격 확인이 끝나지 않은 지원이 있습니다. 먼저 처리할 일에서 결정해 주십시오.",
        "An application has not been decided on yet; decide on it in the inbox first.",
    ),
    "nobody_to_rank": ("순위를 정할 지원이 없습니다.", "The round has no eligible application to rank."),
    "scores_missing": (
        "점수가 없는 지원이 있습니다. 심사와 점수를 모두 마친 뒤 다시 해 주십시오.",
        "Some eligible applications have no score yet; complete reviews and scores, then try again.",
    ),
    "unknown_run": ("그런 순위 산정은 없습니다.", "There is no such rank run."),
    "round_not_assignable": (
        "심사 배정은 접수 마감 뒤에 심사위원을 지정한 다음 할 수 있습니다.",
        "Name the reviewers after the close, then assign.",
    ),
    "no_rubric": ("이 모집 회차에는 심사표가 없습니다.", "The round has no rubric to review by."),
    "conflict_first": (
        "먼저 이해충돌이 없는지 답해 주십시오.",
        "State first that you have no conflict of interest.",
    ),
    "conflict_found": (
        "이해충돌이 확인되어 이 심사를 볼 수 없습니다.",
        "A conflict of interest was found: this review is not yours to read.",
    ),
    "review_over": ("이 심사는 끝나 더 볼 수 없습니다.", "The review is over and cannot be read any more."),
    "undeliverable": (
        "이 방법으로는 안내문을 보낼 수 없습니다. 다른 방법으로 보내 주십시오.",
        "The letter cannot be sent this way; send it by another channel.",
    ),
    "letter_not_waiting": (
        "다시 보낼 안내문이 아닙니다. 이미 나갔거나 보낼 방법이 없습니다.",
        "This letter does not wait to be sent again; it may have left, or there is no channel.",
    ),
    "letter_has_left": (
        "안내문이 이미 나갔거나 상태가 바뀌었습니다. 목록을 다시 확인해 주십시오.",
        "The letter has left or its state has changed; look at the list again.",
    ),
    "nothing_to_appeal": (
        "지금은 이의를 신청할 결정이 없습니다.",
        "There is no decision to appeal against.",
    ),
    # ---- partners
    "subscription_exists": (
        "이 주소의 구독이 이미 있습니다. 그 구독을 고치거나 끝내 주십시오.",
        "There is a subscription for this address; change or end that one.",
    ),
    "subscription_not_active": (
        "지금 쓰이지 않는 구독입니다. 멈춘 구독이면 다시 시작하고, 아니면 받는 쪽의 확인을 다시 받아 주십시오.",
        "The subscription is not active: if it is paused, resume it; otherwise its receiver has to be asked again.",
    ),
    "subscription_ended": (
        "끝난 구독입니다. 새로 등록해 주십시오.",
        "The subscription has ended; register a new one.",
    ),
    "not_for_digests": (
        "하루 소식 메일에는 비밀값도 다시 만들 알림도 없습니다. 실패한 메일은 복구하면 다시 나갑니다.",
        "A daily digest has no secret and nothing to replay; a letter that failed is sent again by recover.",
    ),
    "no_mail": (
        "메일 서버가 설정되지 않아 하루 소식을 보낼 수 없습니다. SADARI_MAIL을 설정해 주십시오.",
        "No mail server is set up, so no digest can leave; set SADARI_MAIL.",
    ),
    "delivery_over": (
        "이 전달은 더 이상 보낼 수 없습니다. 구독과 보낸 때를 확인해 주십시오.",
        "The delivery may not be sent any more; look at its subscription and at when it was made.",
    ),
    "outside_key": (
        "이 키로는 할 수 없습니다. 키의 권한과 범위를 확인해 주십시오.",
        "The key does not let you do this; look at its scopes and at what it is limited to.",
    ),
    "too_many_calls": (
        "요청이 너무 많습니다. 잠시 뒤 다시 해 주십시오.",
        "There were too many calls; wait for as long as Retry-After says.",
    ),
    "version_moved": (
        "그사이 내용이 바뀌었습니다. 다시 읽고 고쳐 주십시오.",
        "It has changed since you read it; read it again and change that.",
    ),
    "no_attempt": (
        "읽을 수 없는 전달 요청입니다. 전달 목록을 확인해 주십시오.",
        "It is no attempt of a delivery that can be read; look at the deliveries.",
    ),
    "receiver_failing": (
        "협력 기관의 수신 서버가 하루 넘게 실패하고 있습니다. 담당자에게 알려 주십시오.",
        "A partner's receiver has been failing for a day; tell its people.",
    ),
    "receiver_disabled": (
        "협력 기관의 구독이 중단되었습니다. 담당자에게 알려 주십시오.",
        "A partner's subscription is disabled; tell its people.",
    ),
    "history_broken": (
        "이력이 손상되어 그대로는 되살릴 수 없습니다. 손상되기 전의 복사본에서 가져오십시오(--from).",
        "The history is broken, so the case cannot be rebuilt from it; take the one of an older copy (--from).",
    ),
    "secret_unreadable": (
        "비밀값을 읽을 수 없습니다. 새로 만들어 받는 쪽에 전해 주십시오.",
        "The secret cannot be read; make a new one and hand it to the receiver.",
    ),
    # ---- nobody's fault: it may work in a moment
    "case_moved": (
        "그사이 다른 사람이 먼저 바꾸었습니다. 다시 확인해 주십시오.",
        "Somebody else was faster; look again.",
    ),
    "unavailable": ("지금은 되지 않습니다. 잠시 뒤 다시 해 주십시오.", "This does not work at the moment; try again."),
    "unknown_case": (
        "그런 건이 아직 없습니다. 잠시 뒤 다시 해 주십시오.",
        "There is no such case yet; try again in a moment.",
    ),
    "certs_unavailable": (
        "지금은 신원을 확인할 수 없습니다. 잠시 뒤 다시 해 주십시오.",
        "No token can be verified now; try again in a moment.",
    ),
    "unknown_fact": (
        "필요한 문서가 아직 없습니다. 잠시 뒤 다시 해 주십시오.",
        "A document that this needs is not there yet; try again in a moment.",
    ),
    "too_early": ("아직 때가 되지 않았습니다.", "It is too early for this."),
    "busy": (
        "이 건을 여러 사람이 동시에 바꾸고 있습니다. 잠시 뒤 다시 해 주십시오.",
        "The case is written to by too many at once; try again in a moment.",
    ),
}


def refusal(code: str, language: Language) -> str | None:
    """Give the sentence about a code; None if there is none.

    Args:
        code: The code, with or without what stands behind its colon.
        language: The language.
    """
    found = REFUSALS.get(code_of(code))
    return None if found is None else found[language == "en"]


def code_of(reason: str) -> str:
    """Give the code of a reason that the core names; the name of an error, as a code: `UnknownCase: [x]` too."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", reason.partition(":")[0]).lower()
