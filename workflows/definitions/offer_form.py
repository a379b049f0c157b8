"""What is asked with the acceptance of an offer: the pledge and consents, each on its own."""

from collections.abc import Iterable

from schemas.forms import ConsentItem, FormSchema, Said
from workflows.definitions.application_form import APPLICATION_FORM, PROGRAMME_OFFICE

PLEDGE = ConsentItem(
    name="pledge",
    version=1,
    title=Said(ko="전 기간 참여 서약", en="Pledge to take part throughout"),
    text=Said(
        ko="온라인 기초 6주, 오프라인 기술 교육 9주, 피칭·네트워킹 2일에 모두 참여하겠습니다.",
        en="I will take part in all of it: 6 weeks online, 9 weeks offline, and 2 days of pitching and networking.",
    ),
    purpose=Said(ko="교육 자리 확정", en="Confirming your seat"),
    recipient=PROGRAMME_OFFICE,
    items=Said(ko="서약 여부와 시각", en="Whether you pledge, and when"),
    period=Said(ko="수료 12개월 뒤 성과 보고 후 30일까지", en="Until 30 days after the report at month 12"),
    if_refused=Said(ko="서약하지 않으면 자리를 수락할 수 없습니다.", en="Without the pledge the seat cannot be taken."),
    is_required=True,
)
ACCOUNTS = ConsentItem(
    name="accounts",
    version=1,
    title=Said(ko="Google Cloud Korea 제3자 제공 동의", en="Provision of personal data to Google Cloud Korea"),
    text=Said(
        ko="교육 계정을 만들고 자격시험을 지원하기 위해 개인정보를 제공합니다.",
        en="We provide personal data so that accounts can be made for you and certification be supported.",
    ),
    purpose=Said(ko="교육 계정 발급, 자격시험 지원", en="Accounts, certification"),
    recipient=Said(ko="Google Cloud Korea", en="Google Cloud Korea"),
    items=Said(ko="이름, 이메일", en="Name, e-mail address"),
    period=Said(ko="교육과정이 끝날 때까지", en="Until the programme ends"),
    if_refused=Said(
        ko="동의하지 않아도 자리는 그대로이며, 사무국이 다른 계정을 마련해 드립니다.",
        en="You may refuse and keep the seat; the office finds another account for you.",
    ),
)
PHOTOS = ConsentItem(
    name="photos",
    version=1,
    title=Said(ko="사진·영상 홍보 활용 동의", en="Photographs and films for publicity"),
    text=Said(
        ko="교육과 발표 모습을 찍은 사진과 영상을 홍보에 씁니다.",
        en="Photographs and films of the training and the pitches are used for publicity.",
    ),
    purpose=Said(ko="교육과정 홍보", en="Publicity of the programme"),
    recipient=PROGRAMME_OFFICE,
    items=Said(ko="얼굴이 나오는 사진과 영상", en="Photographs and films that show you"),
    period=Said(ko="동의를 철회할 때까지", en="Until you withdraw the consent"),
    if_refused=Said(ko="동의하지 않아도 아무런 불이익이 없습니다.", en="You may refuse; that changes nothing."),
)

OFFER_FORM: FormSchema = APPLICATION_FORM.model_copy(
    update={
        "name": "offer_answer",
        "opens": "OfferAccepted",
        "asked_for": "application",
        "title": Said(ko="합격 제안에 응답", en="Answering the offer"),
        "fields": (),
        "consents": (PLEDGE, ACCOUNTS, PHOTOS),
    }
)


def consents_of(needed: Iterable[str]) -> tuple[ConsentItem, ...]:
    """Give the items that an acceptance asks for; a round says which of them, and of its own, a seat needs.

    Args:
        needed: The items, with their versions, that the seat cannot be taken without.
    """
    wanted = tuple(needed)
    ours = tuple(
        item.model_copy(update={"is_required": item.is_required or item.id in wanted}) for item in OFFER_FORM.consents
    )
    return (*ours, *(_unworded(item) for item in wanted if item not in {each.id for each in ours}))


def _unworded(item: str) -> ConsentItem:
    """An item that a round needs and nobody has worded yet: it is asked for by its name."""
    name, _, version = item.partition("@")
    by_office = Said(ko="운영사무국이 안내한 내용과 같습니다.", en="As the programme office has told you.")
    return PLEDGE.model_copy(
        update={
            "name": name,
            "version": int(version or 1),
            "title": Said(ko=f"동의 항목 {name}", en=f"Consent {name}"),
            "is_required": True,
            **dict.fromkeys(("text", "purpose", "items", "period"), by_office),
        }
    )
