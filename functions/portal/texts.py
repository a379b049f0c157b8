"""What the portal's pages say, in Korean and English."""

from functions.portal.texts_own import OWN_TEXTS
from functions.portal.texts_status import STATUS_TEXTS

TEXTS: dict[str, tuple[str, str]] = {
    **STATUS_TEXTS,
    **OWN_TEXTS,
    # ---- every page
    "brand": ("인재양성 교육과정", "Talent programme"),
    "skip": ("본문으로 바로 가기", "Skip to the content"),
    "other_language": ("English", "한국어"),
    "yes": ("예", "Yes"),
    "no": ("아니요", "No"),
    "back": ("돌아가기", "Back"),
    "link_is_yours": (
        "이 주소는 본인만 쓰는 주소입니다. 다른 사람에게 보내지 마십시오.",
        "This address is yours alone. Do not send it to anybody.",
    ),
    # ---- the first page
    "home": ("어디로 가면 됩니까?", "Where to go"),
    "home_text": (
        "이곳은 지원자와 학습자의 페이지입니다. 계정 없이, 받은 주소로 들어옵니다.",
        "These are the pages of applicants and learners. Nobody needs an account: you come by an address that you got.",
    ),
    "home_apply": ("지원하거나 참가를 신청하려면", "To apply, or to register"),
    "home_apply_text": (
        "모집 안내에 있는 주소를 열어 주십시오.",
        "Open the address in the announcement.",
    ),
    "home_status": ("진행 상황을 보거나 응답하려면", "To see where it stands, or to answer"),
    "home_status_text": (
        "메일에 있는 주소나 접수할 때 보관한 주소를 열어 주십시오.",
        "Open the address in your letter, or the one that you kept when you applied.",
    ),
    "home_draft": ("이어서 작성하려면", "To go on with a draft"),
    "home_draft_text": (
        "임시 저장할 때 복사한 주소를 열어 주십시오.",
        "Open the address that you copied when you saved it.",
    ),
    "home_lost": ("주소를 잃어버렸으면", "If you have lost the address"),
    "home_lost_text": (
        "운영사무국에 알려 주십시오.",
        "Ask the programme office.",
    ),
    "to_home": ("어디로 가면 되는지 보기", "See where to go"),
    # ---- what is wrong
    "error_404": ("찾는 페이지가 없습니다", "There is no such page"),
    "error_404_text": (
        "메일이나 모집 안내의 주소를 끝까지 복사했는지 확인해 주십시오. 그래도 안 되면 운영사무국에 알려 주십시오.",
        "Check that you copied the whole address from your letter or the announcement, or ask the programme office.",
    ),
    "error_403": ("이 요청은 받을 수 없습니다", "This request cannot be taken"),
    "error_403_text": (
        "다른 사이트에서 보낸 요청입니다. 메일에 있는 주소로 직접 들어와 다시 해 주십시오.",
        "Another site sent it. Open the address in your letter yourself, and try again.",
    ),
    "error_410": ("이 주소는 기한이 지났습니다", "This address has expired"),
    "error_410_text": (
        "상태 페이지에서 새 주소를 받거나, 지원서 페이지에서 다시 시작해 주십시오.",
        "Get a new one on your status page, or begin again on the page of the form.",
    ),
    "error_413": ("보낸 내용이 너무 깁니다", "What you sent is too long"),
    "error_413_text": (
        "받지 못했습니다. 뒤로 가서 내용을 줄인 뒤 다시 보내 주십시오.",
        "It was not received. Go back, make it shorter, and send it again.",
    ),
    "error_415": ("이 형식으로는 받을 수 없습니다", "It cannot be taken in this format"),
    "error_415_text": ("이 페이지의 양식으로 보내 주십시오.", "Please send the form on the page."),
    "error_429": ("잠시 뒤 다시 보내 주십시오", "Please send it again in a moment"),
    "error_429_text": (
        "한곳에서 너무 많이 보냈습니다. 이번 것은 받지 못했습니다. 1분 뒤 다시 보내 주십시오.",
        "Too much came from one place. This was not received; send it again in a minute.",
    ),
    "error_500": ("저희 쪽에 문제가 생겼습니다", "Something went wrong on our side"),
    "error_500_text": (
        "받지 못했습니다. 잠시 뒤 다시 해 주십시오. 계속되면 이 번호를 운영사무국에 알려 주십시오.",
        "It was not received. Try again in a moment; if this goes on, tell the programme office this number.",
    ),
    "error_503": ("지금은 받을 수 없습니다", "It cannot be taken now"),
    "error_503_text": (
        "받지 못했습니다. 잠시 뒤 다시 해 주십시오. 계속되면 운영사무국에 알려 주십시오.",
        "It was not received. Try again in a moment, and tell the programme office if this goes on.",
    ),
    # ---- a form
    "required": ("(필수)", "(required)"),
    "optional": ("(선택)", "(optional)"),
    "choose": ("골라 주십시오", "Please choose"),
    "closes": ("마감: {}", "Closes: {}"),
    "leave_empty": ("이 칸은 비워 두십시오", "Leave this empty"),
    "consents_title": ("동의", "Consents"),
    "consents_text": (
        "항목마다 따로 답해 주십시오. 선택 항목은 동의하지 않아도 됩니다. (개인정보 안내 {})",
        "Answer each on its own. You may refuse what is optional. (Privacy notice {})",
    ),
    "consents_notice": ("개인정보 안내 {}", "Privacy notice {}"),
    "purpose": ("목적", "Purpose"),
    "recipient": ("받는 곳", "Recipient"),
    "items": ("항목", "Data"),
    "period": ("보유 기간", "Kept for"),
    "if_refused": ("거부하면", "If you refuse"),
    "i_consent": ("동의합니다", "I consent"),
    "i_do_not": ("동의하지 않습니다", "I do not consent"),
    "send_form": ("제출하기", "Send"),
    "send_again": ("고친 내용으로 다시 제출하기", "Send again as changed"),
    "save_draft": ("임시 저장", "Save as a draft"),
    "faults_short": ("고칠 곳이 있습니다", "Something is to be corrected"),
    "faults_title": (
        "고칠 곳이 {}곳 있습니다. 적은 내용은 그대로입니다.",
        "To be corrected: {}. Nothing that you typed is lost.",
    ),
    "reload": (
        "아직 접수되지 않았습니다. 페이지를 연 지 오래되었거나 안내문이 바뀌었습니다. 살펴보고 다시 제출해 주십시오.",
        "Not received yet: the page was open for long, or its notice has changed. Look through it and send it again.",
    ),
    "not_received": (
        "아직 접수되지 않았습니다. 적은 내용은 그대로이니 잠시 뒤 다시 제출해 주십시오.",
        "Not received yet. Nothing that you typed is lost; please send it again in a moment.",
    ),
    # ---- drafts
    "saved": ("임시 저장했습니다", "Saved as a draft"),
    "saved_not_sent": ("아직 제출되지 않았습니다.", "It has not been sent yet."),
    "saved_text": ("{}까지 이어서 작성하여 제출해 주십시오.", "Go on and send it by {}."),
    "go_on": ("이어서 작성하기", "Go on"),
    "saved_copy": (
        "나중에 이어 쓰려면 이 주소를 복사해 두십시오. 이 주소를 아는 사람은 내용을 볼 수 있습니다.",
        "Copy this address to go on later. Whoever has it can read the draft.",
    ),
    "saved_erased": ("제출하지 않으면 {}에 지웁니다.", "If it is not sent, it is erased on {}."),
    # ---- what became of what was sent
    "received_form": ("접수했습니다", "We have received it"),
    "received_form_text": (
        "확인 메일을 보내 드립니다. 진행 상황은 아래 주소에서 볼 수 있습니다.",
        "You get a letter to confirm it. The address below shows what becomes of it.",
    ),
    "see_status": ("진행 상황 보기", "See the status"),
    "keep_link": ("이 주소를 보관해 두십시오. 본인만 쓰는 주소입니다.", "Keep this address. It is yours alone."),
    "already": ("이 번호로 접수된 신청이 이미 있습니다", "There is one with this mobile number already"),
    "already_text": (
        "한 사람이 한 번 신청합니다. 지금 보낸 내용은 접수하지 않았고, 먼저 접수한 내용은 그대로입니다.",
        "One person has one. What you sent now was not taken in; what was received before stays as it is.",
    ),
    "already_way_on": (
        "고치려면 먼저 받은 접수 확인 메일의 주소로 들어가 주십시오. 메일이 없으면 운영사무국에 알려 주십시오.",
        "To change it, open the address in the letter that confirmed it. Without the letter, ask the programme office.",
    ),
    "closed_not_yet": ("아직 접수 전입니다", "Not open yet"),
    "closed_not_yet_at": ("{}부터 접수합니다.", "It opens at {}."),
    "closed_not_yet_text": ("그때 이 주소로 다시 와 주십시오.", "Please come back to this address then."),
    "closed_over": ("접수가 끝났습니다", "It is closed"),
    "closed_over_at": ("{}에 마감했습니다.", "It closed at {}."),
    "closed_over_text": (
        "지금은 받을 수 없습니다. 마감 전에 보내지 못한 사정이 있으면 운영사무국에 알려 주십시오.",
        "Nothing can be taken in now. If something kept you from sending it in time, tell the programme office.",
    ),
    "closed_full": ("자리가 모두 찼습니다", "All places are taken"),
    "closed_full_text": ("더 받을 수 없습니다.", "No more can be taken in."),
    "closed_too_late": ("지금은 고칠 수 없습니다", "It cannot be changed now"),
    "closed_too_late_text": (
        "접수한 내용으로 심사가 진행됩니다. 틀린 곳이 있으면 운영사무국에 알려 주십시오.",
        "It is reviewed as it was received. If something is wrong, tell the programme office.",
    ),
    "closed_stopped": ("동의가 없어 고칠 수 없습니다", "Without your consent it cannot be changed"),
    "closed_stopped_text": (
        (
            "동의를 철회했거나 이용을 멈추도록 요구하셔서 지금은 받을 수 없습니다. 다시 하는 방법은 진행 상황 "
            "페이지에 있습니다. 먼저 접수한 내용은 그대로입니다."
        ),
        (
            "You have withdrawn the consent to the use of your data, or objected to it: nothing can be taken in. "
            "Your status page says how to go on. What was received before stays as it is."
        ),
    ),
    "closed_refused": ("접수할 수 없습니다", "It cannot be taken in"),
    "closed_refused_text": (
        "지원을 취소했거나, 다른 회차의 지원이 진행 중이거나, 개인정보를 지운 경우입니다.",
        "You have withdrawn, or applied to a round that goes on, or had your data erased.",
    ),
    # ---- appeals
    "appeal": ("이의신청", "Appeal"),
    "appeal_text": (
        "지원 결과에 동의하지 않으시면 이유를 적어 주십시오. 처음 결정한 사람이 아닌 다른 담당자가 다시 검토합니다.",
        "If you disagree with the decision about your application, say why. Somebody else than before looks again.",
    ),
    "reason": ("이유", "Why"),
    "reason_hint": ("주민등록번호는 적지 마십시오.", "Do not write a resident registration number."),
    "send": ("이의신청 보내기", "Send the appeal"),
    "say_why": ("이유를 {}자 이내로 적어 주십시오.", "Say why, in at most {} characters."),
    "appeal_received": ("이의신청이 접수되었습니다", "Your appeal was received"),
    "appeal_received_text": (
        "검토 결과는 메일로 알려 드립니다. 같은 결정에 대한 이의신청은 한 번으로 처리됩니다.",
        "You will hear by letter what was decided. One decision is appealed against once.",
    ),
    "appeal_closed": ("지금은 이의신청을 할 수 없습니다", "There is nothing to appeal against now"),
    "appeal_closed_text": (
        "이의신청할 수 있는 결정이 없거나 이미 바뀌었습니다.",
        "There is no such decision, or it has changed.",
    ),
}


def text(language: str, name: str, *values: object) -> str:
    """Give a text in a language.

    Raises:
        KeyError: There is no such text.
    """
    ko, en = TEXTS[name]
    return (en if language == "en" else ko).format(*values)
