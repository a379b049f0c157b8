"""The registration of companies' people for a seminar or forum: another form through the same door."""

from schemas.forms import ConsentItem, FormField, FormSchema, Option, Said
from workflows.definitions.application_form import PROGRAMME_OFFICE

FORUM_FORM = FormSchema(
    name="forum_registration",
    version=1,
    workflow="forum_registration",
    opens="ForumRegistered",
    asked_for="forum",
    opens_at="opens_at",
    closes_at="closes_at",
    kept_from="held_at",
    kept_days=365,
    title=Said(ko="기업 세미나·포럼 참가 신청", en="Registration for the forum"),
    intro=Said(
        ko="한 사람이 한 번 신청할 수 있습니다. 자리가 차면 대기 순번을 알려 드립니다.",
        en="One person registers once. When all places are taken, you are told your place on the waitlist.",
    ),
    notice_version="2027-03",
    notice=Said(
        ko="주민등록번호는 수집하지 않습니다. 어느 칸에도 적지 마십시오.",
        en="We do not collect resident registration numbers. Do not write one in any field.",
    ),
    fields=(
        FormField(name="name", kind="name", label=Said(ko="이름", en="Name"), fills_in="name"),
        FormField(
            name="email", kind="email", label=Said(ko="이메일", en="E-mail address"), length_max=254, fills_in="email"
        ),
        FormField(
            name="phone",
            kind="phone",
            label=Said(ko="휴대전화 번호", en="Mobile number"),
            hint=Said(ko="예: 010-1234-5678", en="Such as 010-1234-5678"),
            length_max=30,
            fills_in="tel",
        ),
        FormField(name="company", kind="line", label=Said(ko="회사", en="Company"), fills_in="organization"),
        FormField(
            name="position",
            kind="line",
            label=Said(ko="직책", en="Position"),
            is_required=False,
            fills_in="organization-title",
        ),
        FormField(
            name="attends",
            kind="choice",
            label=Said(ko="참가 방법", en="How you attend"),
            choices=(
                Option(value="on_site", label=Said(ko="현장 참가", en="On site")),
                Option(value="online", label=Said(ko="온라인 참가", en="Online")),
            ),
            is_personal=False,
        ),
    ),
    consents=(
        ConsentItem(
            name="privacy",
            version=1,
            title=Said(ko="개인정보 수집·이용 동의", en="Collection and use of personal data"),
            text=Said(
                ko="참가 신청을 받고 안내해 드리기 위해 개인정보를 수집·이용합니다.",
                en="We collect and use personal data to take in your registration and to write to you about it.",
            ),
            purpose=Said(ko="참가 신청과 안내", en="Registration, and letters about it"),
            recipient=PROGRAMME_OFFICE,
            items=Said(
                ko="이름, 이메일, 휴대전화 번호, 회사, 직책",
                en="Name, e-mail address, mobile number, company, position",
            ),
            period=Said(ko="행사 후 1년", en="A year after the event"),
            if_refused=Said(
                ko="동의하지 않을 수 있으나, 동의하지 않으면 신청을 접수할 수 없습니다.",
                en="You may refuse; then we cannot take in the registration.",
            ),
            is_required=True,
        ),
        ConsentItem(
            name="news",
            version=1,
            title=Said(ko="다음 행사 안내 수신 동의", en="News of further events"),
            text=Said(
                ko="다음 세미나와 포럼을 메일로 알려 드립니다.", en="We write to you about further seminars and forums."
            ),
            purpose=Said(ko="행사 안내", en="News of events"),
            recipient=PROGRAMME_OFFICE,
            items=Said(ko="이름, 이메일", en="Name, e-mail address"),
            period=Said(ko="행사 후 1년", en="A year after the event"),
            if_refused=Said(
                ko="동의하지 않아도 참가 신청에 아무런 불이익이 없습니다.",
                en="You may refuse; that changes nothing about your registration.",
            ),
        ),
    ),
)
