"""What the pages of the quarantine say, in Korean and English."""

QUARANTINE: dict[str, tuple[str, str]] = {
    "quarantine": ("격리함", "Quarantine"),
    "quarantine_text": (
        "반영하지 못한 메시지입니다. 보낸 내용은 여기에 나오지 않습니다.",
        "What could not be applied. What was sent is not shown here.",
    ),
    "quarantine_empty": ("격리된 것이 없습니다.", "Nothing is in quarantine."),
    "quarantine_source": ("온 곳", "Source"),
    "quarantine_since": ("격리한 때", "Since"),
    "quarantine_attempts": ("다시 보낸 횟수", "Times sent again"),
    "quarantine_state": ("상태", "State"),
    "quarantine_waiting": ("기다림", "Waiting"),
    "quarantine_replayed": ("다시 보냄", "Sent again"),
    "quarantine_unreadable": ("읽을 수 없는 메시지", "Not readable"),
    "quarantine_brought_by": ("가져온 이", "Brought by"),
    "quarantine_by": ("다시 보낸 사람", "Sent again by"),
    "quarantine_became": ("그 뒤", "What became of it"),
    "quarantine_closed": ("닫음", "Closed"),
    "quarantine_closed_by": ("닫은 사람", "Closed by"),
    "quarantine_closed_why": ("닫은 이유", "Closed because"),
    "quarantine_close": ("닫기", "Close"),
    "quarantine_close_text": (
        "더 할 일이 없으면 닫습니다. 내용은 그대로 남고, 나중에 다시 보낼 수도 있습니다.",
        "Close it if nothing more comes of it. It stays readable, and can still be sent again.",
    ),
    "quarantine_replay": ("다시 보내기", "Send again"),
    "quarantine_replay_text": (
        "같은 메시지를 다시 보냅니다. 이미 반영된 것이면 아무것도 두 번 바뀌지 않습니다.",
        "Sends the same message again. What was applied already is not applied twice.",
    ),
    "quarantine_sent_again": (
        "다시 보냈습니다. 곧 결과가 나옵니다.",
        "Sent again; what became of it shows in a moment.",
    ),
    "quarantine_only_read": (
        "메시지가 아니어서 다시 보낼 수 없습니다. 보낸 쪽에 다시 요청하십시오.",
        "This is no message, so it cannot be sent again: ask its sender.",
    ),
    "verdict_applied": ("반영됨", "Applied"),
    "verdict_parked": ("때가 되면 반영", "Kept until its time"),
    "verdict_ignored": ("바뀐 것 없음", "Changed nothing"),
    "verdict_rejected": ("받지 않음", "Refused"),
}
