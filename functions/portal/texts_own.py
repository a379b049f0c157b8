"""What the page of one's own data says, in Korean and English."""

OWN_TEXTS: dict[str, tuple[str, str]] = {
    "own": ("내 개인정보", "My data"),
    "own_short": (
        "보관된 내 정보를 보고, 내려받고, 고치거나 지울 수 있습니다.",
        "See what is kept, take it along, correct or erase it.",
    ),
    "to_own": ("내 개인정보 보기", "See my data"),
    "own_text": (
        "보관하고 있는 정보입니다. 요구하시면 10일 안에 메일로 알려 드립니다. 이 주소는 한 시간만 쓸 수 있습니다.",
        "This is what is kept. What you ask is answered within ten days. This address is good for an hour.",
    ),
    "own_said_sent": (
        "받았습니다. 10일 안에 처리하고 메일로 알려 드립니다.",
        "Received. It is answered within ten days, by letter.",
    ),
    "own_said_resumed": (
        "동의를 받았습니다. 이제 메일을 다시 보내 드립니다. 멈춘 동안의 일은 진행 상황에서 확인해 주십시오.",
        "Your consent was received, and you get letters again. What happened meanwhile stands on your status page.",
    ),
    "own_gone": ("보관된 정보가 없습니다", "Nothing is kept"),
    "own_gone_text": ("보관된 개인정보가 없거나 이미 지웠습니다.", "No personal data are kept, or they were erased."),
    "own_person": ("인적 사항", "About you"),
    "own_change": ("고칠 곳을 고쳐 적고 정정을 요구해 주십시오.", "Correct what is wrong, and ask for the correction."),
    "ask_correct": ("정정 요구하기", "Ask for the correction"),
    "own_consents": ("동의 내역", "Consents"),
    "given": ("동의함", "given"),
    "refused": ("동의하지 않음", "not given"),
    "notice_version": ("개인정보 안내", "Privacy notice"),
    "withdraw_consent_of": ("동의 철회하기", "Withdraw"),
    "own_cases": ("진행 중인 일", "What goes on"),
    "own_requests": ("요구한 내역", "What you have asked"),
    "request_open": ("{} 접수, {}까지 처리합니다.", "Received {}, answered by {}."),
    "request_over": (
        "{} 접수, 처리를 마쳤습니다. 답변은 메일로 알려 드립니다.",
        "Received {}; it is closed, and the answer comes by letter.",
    ),
    "take_back": ("요구 취소하기", "Take it back"),
    "own_letters": ("보내 드린 메일", "Letters to you"),
    "not_sent_yet": ("아직 보내지 않았습니다", "not sent yet"),
    "own_looks": ("내 정보를 본 기록", "Who looked at your data"),
    "looks_count": ("모두 {}건입니다. 내려받은 파일에 모두 들어 있습니다.", "{} in all; the file has every one."),
    "reader_deliver": ("메일을 쓰기 위해", "to write a letter to you"),
    "reader_portal": ("본인이 페이지를 열어", "for you, on these pages"),
    "reader_own_link": ("본인이 이 페이지를 열어", "for you, on this page"),
    "reader_data_request": ("요구를 처리하기 위해", "to carry out what you have asked"),
    "reader_intake": ("보낸 내용을 받기 위해", "to take in what you sent"),
    "reader_erasure": ("요구대로 지우기 위해", "to erase what you have asked to"),
    "reader_staff": ("담당자", "staff"),
    "own_file": ("내려받기", "Take it along"),
    "own_file_text": (
        "보관된 모든 정보를 표(CSV)와 JSON으로 한 파일에 담아 드립니다.",
        "Everything that is kept, as tables (CSV) and JSON in one file.",
    ),
    "ask_file": ("내 정보 내려받기", "Download my data"),
    "own_suspend": ("이용을 멈추려면", "To stop the use"),
    "own_suspend_text": (
        "이용 정지를 요구하면 담당자가 확인한 뒤 협력 기관에 보내는 것부터 멈춥니다.",
        "You may object to the use of your data. Once that is looked at, nothing goes to partners any more.",
    ),
    "why_optional": ("이유 (선택)", "Why (optional)"),
    "ask_suspend": ("이용 정지 요구하기", "Ask to stop the use"),
    "own_erase": ("지우려면", "To erase it"),
    "own_erase_text": (
        "지우면 진행 중인 지원과 교육이 끝나고 되돌릴 수 없습니다. 법에 따라 남겨야 하는 것은 알려 드립니다.",
        "Your application or programme ends with it, and it cannot be undone. You are told what a law makes us keep.",
    ),
    "is_sure": ("위 내용을 읽었으며 지우기를 원합니다.", "I have read this and want it erased."),
    "ask_erase": ("삭제 요구하기", "Ask for the erasure"),
    # ---- the consent to the processing itself
    "stop": ("필수 동의를 철회하시겠습니까?", "Do you want to withdraw the required consent?"),
    "stop_text": (
        "개인정보 처리에 대한 동의입니다. 철회는 언제든 할 수 있고 이유는 적지 않아도 됩니다.",
        "It is the consent to the use of your data. You may withdraw it at any time, without a reason.",
    ),
    "stop_follows": ("철회하면", "What follows"),
    "stop_letters": (
        "이 요구에 대한 답변 말고는 메일을 보내지 않습니다. 문자와 알림톡도 마찬가지입니다.",
        "No letters but those about this request reach you, by mail or on your phone.",
    ),
    "stop_result": (
        "결과도 메일로 알려 드리지 않습니다. 진행 상황 페이지에서 직접 확인하고 기한 안에 응답하셔야 합니다.",
        "The result does not come by mail. Look at your status page yourself, and answer an offer in time.",
    ),
    "stop_partners": (
        "협력 기관에 개인정보를 더 보내지 않고, 보낸 것은 지우도록 알립니다.",
        "Partners get no data of yours any more, and are told to delete what they have.",
    ),
    "stop_edit": (
        "보낸 신청서를 고칠 수 없습니다.",
        "What you sent cannot be changed.",
    ),
    "stop_stays": (
        "신청은 그대로 남습니다. 그만두려면 아래에서 신청을 취소하거나 정보를 지워야 합니다.",
        "Your application or registration stays. To end it, withdraw it, or have your data erased.",
    ),
    "stop_else": (
        "신청을 취소하거나 정보를 지우려면",
        "To end it, or to erase your data",
    ),
    "stop_leave_application": ("지원 취소하기", "Withdraw the application"),
    "stop_leave_forum_registration": ("참가 신청 취소하기", "Cancel the registration"),
    "stop_erase": ("내 개인정보 지우기", "Erase my data"),
    "stop_back": ("다시 받으려면", "To come back"),
    "stop_back_text": (
        (
            "진행 상황이나 내 개인정보 페이지에서 다시 동의하면 메일을 다시 보내 드립니다. 철회하기 전에 써 둔 "
            "메일은 그때 나갑니다. 멈춘 동안 나갈 메일은 쓰지 않으므로 나중에도 나가지 않습니다."
        ),
        (
            "Consent again on your status page or on the page of your data, and you get letters again. Those that "
            "were written before the withdrawal leave then. Those of the time between are not written, and never "
            "come."
        ),
    ),
    "stop_now": ("철회하기", "Withdraw the consent"),
    "stop_not": ("철회하지 않고 돌아가기", "Go back without withdrawing it"),
    "stopped_title": ("메일을 보내지 않고 있습니다", "You get no letters now"),
    "stopped_consent": (
        "개인정보 처리에 대한 동의를 철회하셨습니다. 결과도 메일로 알려 드리지 않으며, 고칠 수 없습니다.",
        "You have withdrawn the consent to the use of your data. No result comes by mail, and nothing can be changed.",
    ),
    "stopped_objected": (
        "요구하신 대로 개인정보 이용을 멈췄습니다. 다시 이용해도 되면 운영사무국에 알려 주십시오.",
        "As you asked, your data are not used. If they may be used again, tell the programme office.",
    ),
    "resume": ("다시 동의하기", "Consent again"),
    "resume_text": (
        (
            "다시 동의하면 메일을 다시 보내 드립니다. 철회하기 전에 써 둔 메일은 이제 나가고, 그 뒤에 쓰지 않은 "
            "메일은 나가지 않습니다."
        ),
        (
            "If you consent again, you get letters again. Those that were written before the withdrawal leave "
            "now. Those of the time since were not written, and do not come."
        ),
    ),
    "resume_now": ("동의하고 메일 다시 받기", "Consent, and get letters again"),
    "right_see": ("열람", "To see the data"),
    "right_correct": ("정정", "To correct the data"),
    "right_erase": ("삭제", "To erase the data"),
    "right_withdraw_consent": ("동의 철회", "To withdraw a consent"),
    "right_suspend": ("처리정지", "To stop the use"),
}
