"""Tells people of a partner by mail that their receiver fails, or is sent nothing any more."""

import re
from datetime import datetime

from schemas.messages import WARNINGS, Quarantined
from schemas.subscriptions import Subscription, SubscriptionId
from workflows.runtime.errors import Unavailable, Undeliverable
from workflows.runtime.partner_mail import hand_over
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Ports
from workflows.runtime.post_ports import Channel

_REASON = re.compile(r"receiver_(failing|disabled): subscription \[([a-z2-7]{32})\] since \[([^\]]+)\]")

_SUBJECTS = {
    "failing": "웹훅 수신 실패 / Your receiver has been failing for a day",
    "disabled": "웹훅 중단 / Your subscription is disabled",
}
_SENTENCES = {
    "failing": (
        "{since} 이후 귀 기관 수신 주소로 보낸 알림이 모두 실패했습니다. 5일 동안 실패가 이어지면 구독이 중단됩니다.",
        "Everything sent to your receiver since {since} has failed. After five days of it you are sent nothing more.",
    ),
    "disabled": (
        "귀 기관 구독이 중단되어 더 이상 알림을 보내지 않습니다. ({reason}, {since} 이후)",
        "Your subscription is disabled and nothing is sent any more ({reason}, since {since}).",
    ),
}
_WAY_ON = (
    "수신 서버를 고친 뒤 구독을 다시 확인하고(ask) 놓친 알림을 복구해(recover, replay) 주십시오.",
    "Mend the receiver, ask for the subscription anew (ask), then recover what failed and replay what is missing.",
)


def reason_of(subscription_id: SubscriptionId, kind: str, since: datetime) -> str:
    """Write a warning down as the reason of a row in the quarantine."""
    return f"receiver_{kind}: subscription [{subscription_id}] since [{since.isoformat()}]"


def send_warnings(ports: Ports, partners: PartnerPorts) -> int:
    """Tell people of partners what waits to be told, and give how many mails left; nothing leaves without mail.

    A mail may leave twice if this breaks off in the middle; its reader's program shows it once.  What the mail server
    refuses for good stays in the quarantine for staff.
    """
    mail = ports.post.channels.get("mail")
    if mail is None:
        return 0
    count = 0
    for row in list(ports.quarantine.find()):
        found = _REASON.fullmatch(row.reason) if row.source == WARNINGS and row.state == "waiting" else None
        subscription = partners.subscriptions.get(SubscriptionId(found[2])) if found else None
        if found and subscription is not None and not row.attempts:
            count += _tell(row, subscription, found[1], found[3], mail, ports)
    return count


def _tell(row: Quarantined, subscription: Subscription, kind: str, since: str, mail: Channel, ports: Ports) -> bool:
    words = {"since": since, "reason": subscription.reason or kind}
    sentences = [each.format(**words) for each in _SENTENCES[kind]]
    told = {"name": row.id, "kind": f"Receiver{kind.capitalize()}", "subject": _SUBJECTS[kind]}
    body = "\n\n".join((*sentences, *_WAY_ON, f"{subscription.id}  {subscription.url}"))
    try:
        hand_over(mail, subscription, ports, to=subscription.contact, body=body, **told)
    except Undeliverable:
        ports.quarantine.update(row.model_copy(update={"attempts": row.attempts + 1}))
        return False
    except Unavailable:
        return False  # the next sweep tries again
    settled = {"attempts": row.attempts + 1, "state": "replayed", "replayed_by": (*row.replayed_by, "mail")}
    ports.quarantine.update(row.model_copy(update=settled))
    return True
