"""What the console's pages say, in Korean and English."""

from functions.console.bulk_texts import BULK
from functions.console.cohort_texts import COHORTS
from functions.console.error_texts import ERRORS
from functions.console.journey_texts import JOURNEY
from functions.console.outbox_texts import OUTBOX
from functions.console.partner_texts import PARTNERS
from functions.console.quarantine_texts import QUARANTINE
from functions.console.record_texts import RECORDS
from functions.console.review_texts import REVIEWS
from functions.console.room import language
from functions.console.round_texts import ROUNDS
from functions.console.search_texts import SEARCH
from functions.console.staff_texts import STAFF

TEXTS: dict[str, tuple[str, str]] = {
    "console": ("사다리 업무 화면", "Sadari console"),
    "skip": ("본문으로 바로가기", "Skip to the content"),
    "inbox": ("처리할 일", "Inbox"),
    "cases": ("건 찾기", "Cases"),
    "definitions": ("업무 흐름", "Workflows"),
    "sign_out": ("로그아웃", "Sign out"),
    "signed_in": ("{}님", "{}"),
    "other_language": ("English", "한국어"),
    "nothing_waits": ("기다리는 질문이 없습니다.", "No question waits for you."),
    "question": ("질문", "Question"),
    "question_closed": ("이 질문은 이미 닫혔습니다", "This question is closed"),
    "question_closed_text": (
        (
            "누군가 이미 답했거나 질문의 내용이 바뀌었습니다. 기다리는 질문은 ‘처리할 일’에 있고, "
            "누가 언제 무엇이라고 답했는지는 그 건의 기록에 있습니다."
        ),
        (
            "Somebody has answered it, or what it was about has changed. What waits is in the inbox; "
            "who answered what and when is in the history of its case."
        ),
    ),
    "about": ("대상", "About"),
    "waits_since": ("올라온 때", "Since"),
    "due": ("기한", "Due"),
    "overdue": ("기한 지남", "Overdue"),
    "needs": ("답할 사람", "Still needed"),
    "approved_by": ("이미 승인한 사람", "Approved by"),
    "cohort": ("기수", "Cohort"),
    "held_by": ("{}님이 {}까지 처리 중", "{} is working on it until {}"),
    "held_by_me": ("내가 {}까지 처리 중", "You are working on it until {}"),
    "hold": ("내가 맡기", "Take it"),
    "release": ("내려놓기", "Let go"),
    "snooze": ("내일 다시 보기", "Show again tomorrow"),
    "answer": ("답하기", "Answer"),
    "yes": ("예", "Yes"),
    "no": ("아니요", "No"),
    "reason": ("사유", "Reason"),
    "reason_needed": ("사유를 꼭 적어 주십시오.", "A reason is needed."),
    "reason_hint": ("이름이나 연락처를 적지 마십시오.", "Do not write names or contacts."),
    "as_role": ("답하는 역할", "Answer as"),
    "changed": ("그사이 바뀌었습니다", "It has changed meanwhile"),
    "changed_text": (
        "보고 계시던 질문은 더 이상 그대로가 아니어서 아무것도 반영하지 않았습니다. 적으신 내용은 아래에 있습니다.",
        "The question that you saw is no longer the same, so nothing was done. What you wrote is below.",
    ),
    "what_happened": ("그사이 있었던 일", "What happened meanwhile"),
    "data_right": ("요구 내용", "Asks"),
    "data_see": ("개인정보 열람", "To see their data"),
    "data_correct": ("개인정보 정정", "To have their data corrected"),
    "data_erase": ("개인정보 삭제", "To have their data erased"),
    "data_withdraw_consent": ("동의 철회", "To withdraw a consent"),
    "data_suspend": ("처리정지", "To have the processing stopped"),
    "in_their_words": ("본인이 적은 내용", "In their words"),
    "you_wrote": ("적으신 내용", "What you wrote"),
    "answered": ("답을 받았습니다. 곧 반영됩니다.", "Your answer was received; it takes effect at once."),
    "answer_on_its_way": ("답을 받아 반영하는 중입니다.", "Your answer is being applied."),
    "held_answer": ("{}로 답했습니다. {}에 반영됩니다.", "You answered {}. It takes effect at {}."),
    "take_back": ("답 거두기", "Take it back"),
    "taken_back": (
        "답을 거두었습니다. 질문은 그대로 열려 있습니다.",
        "Your answer was taken back; the question is open again.",
    ),
    "back": ("처리할 일로", "Back to the inbox"),
    "stage": ("단계", "Stage"),
    "workflow": ("업무", "Workflow"),
    "since": ("시작", "Since"),
    "entries": ("기록 수", "Entries"),
    "history": ("지나온 일", "History"),
    "journey": ("여정", "The journey"),
    "been": ("지나옴", "been"),
    "here": ("지금 여기", "here now"),
    "possible": ("갈 수 있는 곳", "possible next"),
    "reason_kept": ("사유 있음", "with a reason"),
    "of_batch": ("묶음 {}", "batch {}"),
    "facts": ("내용", "Facts"),
    "explain": ("다음은", "What comes next"),
    "open_questions": ("열린 질문", "Open questions"),
    "timers": ("예약 시각", "Timers"),
    "when": ("때", "When"),
    "what": ("일", "What"),
    "who": ("누가", "Who"),
    "led_to": ("결과", "Led to"),
    "search": ("찾기", "Search"),
    "case_id": ("건 번호", "Case id"),
    "any": ("모두", "any"),
    "more": ("더 보기", "More"),
    "person": ("사람", "Person"),
    "masked": ("가려져 있습니다", "hidden"),
    "unmask": ("이유를 적고 보기", "Show, with a reason"),
    "unmask_hint": ("보는 사람, 때, 이유가 열람 기록에 남습니다.", "Who looked, when and why goes to the access log."),
    "why_place": ("선발 설명", "Why this place"),
    "none_found": ("찾은 건이 없습니다.", "No case was found."),
    "version": ("버전 {}", "Version {}"),
    **BULK,
    **COHORTS,
    **ERRORS,
    **JOURNEY,
    **OUTBOX,
    **PARTNERS,
    **QUARANTINE,
    **RECORDS,
    **REVIEWS,
    **ROUNDS,
    **SEARCH,
    **STAFF,
}


def text(name: str, *values: object) -> str:
    """Give a text in the language of the page.

    Raises:
        KeyError: There is no such text.
    """
    ko, en = TEXTS[name]
    return (en if language() == "en" else ko).format(*values)
