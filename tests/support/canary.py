"""A person who sings wherever they are kept: unique texts in every field, and ears for them."""

import json
from typing import Any

FORM: dict[str, Any] = {
    "name": "김카나리꾀꼬리",
    "email": "canary.q7@nightingale.example",
    "phone": "+821073918264",
    "department": "앵무새학과",
    "student_number": "93017264",
    "motivation": "노란 깃털 이야기를 하고 싶습니다.",
}
APPEAL = "앵무새도 심사에 이의가 있습니다."
REASON = "김카나리꾀꼬리 학생과 010-7391-8264로 통화함"
BODY = '{"name": "꾀꼬리", "tel": "(010) 7391.8264"}'
SONGS = (
    *("카나리", "꾀꼬리", "canary.q7", "nightingale", "7391-8264", "73918264", "7391.8264", "앵무새", "93017264"),
    "노란 깃털",
)
ESCAPED = tuple(json.dumps(song)[1:-1] for song in SONGS)


def heard(content: bytes | str) -> list[str]:
    """Give the songs that can be heard in some content, written out or escaped, in UTF-8 or UTF-16."""
    raw = content.encode() if isinstance(content, str) else content
    ways = {way for song in {*SONGS, *ESCAPED} for way in (song.encode(), song.encode("utf-16-le"))}
    return sorted(way.decode("utf-8", "replace") for way in ways if way in raw)
