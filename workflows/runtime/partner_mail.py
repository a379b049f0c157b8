"""Mail to people of a partner: warnings, digests, and the question whether they want these."""

from schemas.ids import CaseId, PersonId
from schemas.letters import Letter, LetterState
from schemas.people import Person
from schemas.subscriptions import Subscription
from workflows.runtime.errors import Rejected
from workflows.runtime.ports import Ports
from workflows.runtime.post_ports import Channel, Parcel

_ASKED = """{partner}에서 이 주소로 하루에 한 번 소식을 받겠다고 등록했습니다.
맞으면 아래 주소를 열어 단추를 눌러 주십시오. 모르는 일이면 그냥 두시면 됩니다. 아무것도 보내지 않습니다.

{partner} asked for a letter a day to this address.
If that is right, open the address below and press the button. If you know nothing of it, do nothing: then you are sent
nothing.

{page}

{types}"""


def mail_of(ports: Ports) -> Channel:
    """Give the way to mailboxes.

    Raises:
        Rejected: There is none.
    """
    found = ports.post.channels.get("mail")
    if found is None:
        raise Rejected("No mail server is set up.", code="no_mail")
    return found


def hand_over(
    mail: Channel, subscription: Subscription, ports: Ports, *, to: str, name: str, kind: str, subject: str, body: str
) -> None:
    """Hand a letter over; returning means that the mail server has it.

    Args:
        mail: The way.
        subscription: What it is about.
        ports: The ports.
        to: The mailbox.
        name: What mail programs know a repeat by.
        kind: What it says, as the name of a notice.
        subject: Its subject.
        body: Its text.

    Raises:
        Undeliverable: The mailbox will never take it.
        Unavailable: It may have left, or not; hand over the same again.
    """
    now = ports.clock.now()
    letter = Letter(
        id=name,
        person=PersonId(subscription.id),
        case=CaseId(subscription.id),
        notice=kind,
        locale="ko",
        subject=subject,
        body=body,
        state=LetterState.RELEASED,
        written_at=now,
    )
    reader = Person(
        id=PersonId(subscription.id),
        name=subscription.partner,
        email=to,
        contact="",
        locale="ko",
        updated_at=now,
        erase_on=now.date(),
    )
    mail.send(Parcel(letter=letter, person=reader, reference=name, at=now))


def ask_by_mail(subscription: Subscription, *, to: str, page: str, name: str, ports: Ports) -> None:
    """Ask whoever reads a mailbox whether they want digests; the page in the letter takes the answer.

    Raises:
        Rejected: There is no mail.
        Undeliverable: The mailbox will never take it.
        Unavailable: It may have left, or not; ask again.
    """
    body = _ASKED.format(partner=subscription.partner, page=page, types="\n".join(subscription.types))
    subject = "하루 소식 수신 확인 / Confirm your daily digest"
    hand_over(mail_of(ports), subscription, ports, to=to, name=name, kind="DigestAsked", subject=subject, body=body)
