"""What arrived at the local stack's mail server and dealer of messages: their files, read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

MAIL, MESSAGES = "mail", "messages"
"""The folders in a stack's home where they are kept, one file each, numbered as they came."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One letter, as somebody received it.

    Attributes:
        attachments: What came with it, as text.
    """

    at: datetime
    by: str
    to: str
    subject: str
    text: str
    attachments: tuple[str, ...] = ()


def received(folder: Path) -> list[EmailMessage]:
    """Give the mail that arrived, oldest first."""
    parser = BytesParser(EmailMessage, policy=default)
    return [parser.parsebytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def kept(folder: Path) -> Sequence[dict[str, Any]]:
    """Give the messages that a dealer took, oldest first."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def arrived(home: Path) -> list[Arrived]:
    """Give everything that arrived in a stack, oldest first."""
    mail = zip(_times(home / MAIL, "*.eml"), received(home / MAIL), strict=True)
    messages = zip(_times(home / MESSAGES, "*.json"), kept(home / MESSAGES), strict=True)
    found = [*(_mail(at, each) for at, each in mail), *(_message(at, each) for at, each in messages)]
    return sorted(found, key=lambda each: each.at)


def _times(folder: Path, pattern: str) -> list[datetime]:
    return [datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in sorted(folder.glob(pattern))]


def _mail(at: datetime, mail: EmailMessage) -> Arrived:
    body = mail.get_body(("plain",))
    text = "" if body is None else str(body.get_content())
    attachments = tuple(str(part.get_content()) for part in mail.iter_attachments())
    return Arrived(at, "mail", str(mail["To"]), str(mail["Subject"]), text, attachments)


def _message(at: datetime, message: dict[str, Any]) -> Arrived:
    subject = str(message.get("title") or message.get("template") or "")
    return Arrived(at, str(message["channel"]), str(message["to"]), subject, str(message["text"]))
