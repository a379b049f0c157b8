"""The application form of a recruitment round, and what is asked with the acceptance of its offer."""

from schemas.forms import ConsentItem, FormField, FormSchema, Said

PROGRAMME_OFFICE = Said(ko="교육과정 운영사무국", en="The programme office")

PRIVACY = ConsentItem(
    name="privacy",
    version=1,
    title=Said(ko="개인정보 수집·이용 동의", en="Collection and use of personal data"),
    text=Said(
        ko="지원서를 접수하고 심사하며 결과를 알려 드리기 위해 개인정보를 수집·이용합니다.",
        en="We collect and use personal data to receive and review your application and to tell you the result.",
    ),
    purpose=Said(
        ko="지원 접수, 자격 확인, 선발, 결과 안내", en="Receiving, checking and selecting applications; results"
    ),
    recipient=PROGRAMME_OFFICE,
    items=Said(
        ko="이름, 이메일, 휴대전화 번호, 대학교, 학과, 학번, 지원 동기",
        en="Name, e-mail address, mobile number, university, department, student number, motivation",
    ),
    period=Said(
        ko="선발되지 않은 경우 결과 발표 후 90일, 선발된 경우 수료 12개월 뒤 성과 보고 후 30일",
        en="If not selected: 90 days after the results. If selected: 30 days after the report at month 12",
    ),
    if_refused=Said(
        ko="동의하지 않을 수 있으나, 동의하지 않으면 지원서를 접수할 수 없습니다.",
        en="You may refuse; then we cannot take in the application.",
    ),
    is_required=True,
)
THIRD_PARTY = ConsentItem(
    name="third_party",
    version=1,
    title=Said(ko="개인정보 제3자 제공 동의", en="Provision of personal data to a third party"),
    text=Said(
        ko="Google Cloud Korea가 교육 계정과 자격시험을 지원할 수 있도록 개인정보를 제공합니다.",
        en="We provide personal data so that Google Cloud Korea can support accounts and certification.",
    ),
    purpose=Said(ko="교육 계정과 자격시험 지원", en="Accounts for the training, and certification"),
    recipient=Said(ko="Google Cloud Korea", en="Google Cloud Korea"),
    items=Said(ko="이름, 이메일, 대학교", en="Name, e-mail address, university"),
    period=Said(ko="교육과정이 끝날 때까지", en="Until the programme ends"),
    if_refused=Said(
        ko="동의하지 않아도 지원과 선발에 아무런 불이익이 없습니다.",
        en="You may refuse; that changes nothing about your application and the selection.",
    ),
)

APPLICATION_FORM = FormSchema(
    name="application",
    version=1,
    workflow="application",
    opens="ApplicationSubmitted",
    asked_for="round",
    opens_at="calendar.applications_open",
    closes_at="calendar.applications_close",
    kept_from="calendar.results_at",
    kept_days=90,
    title=Said(ko="교육과정 지원서", en="Application to the programme"),
    intro=Said(
        ko="한 사람이 한 번 지원할 수 있습니다. 마감 전에는 접수 확인 메일의 주소에서 고칠 수 있습니다.",
        en="One person has one application. Until the close you can change it by the link in its receipt.",
    ),
    notice_version="2027-03",
    notice=Said(
        ko="주민등록번호는 수집하지 않습니다. 어느 칸에도 적지 마십시오.",
        en="We do not collect resident registration numbers. Do not write one in any field.",
    ),
    fields=(
        FormField(name="name", kind="name", label=Said(ko="이름", en="Name"), fills_in="name"),
        FormField(
            name="email",
            kind="email",
            label=Said(ko="이메일", en="E-mail address"),
            hint=Said(ko="결과를 이 주소로 알려 드립니다.", en="We write to this address."),
            length_max=254,
            fills_in="email",
        ),
        FormField(
            name="phone",
            kind="phone",
            label=Said(ko="휴대전화 번호", en="Mobile number"),
            hint=Said(
                ko="예: 010-1234-5678. 한 번호로 한 번 지원합니다.",
                en="Such as 010-1234-5678. One number, one application.",
            ),
            length_max=30,
            fills_in="tel",
        ),
        FormField(name="university", kind="line", label=Said(ko="대학교", en="University"), is_personal=False),
        FormField(name="department", kind="line", label=Said(ko="학과", en="Department")),
        FormField(name="student_number", kind="line", label=Said(ko="학번", en="Student number")),
        FormField(
            name="track",
            kind="choice",
            label=Said(ko="지원 분야", en="Track"),
            is_required=False,
            is_personal=False,
        ),
        FormField(
            name="region",
            kind="choice",
            label=Said(ko="거주 지역", en="Region"),
            is_required=False,
            is_personal=False,
        ),
        FormField(
            name="is_enrolled",
            kind="yes_no",
            label=Said(ko="현재 대학에 재학 또는 휴학 중입니까?", en="Are you enrolled at a university, or on leave?"),
            is_personal=False,
        ),
        FormField(
            name="can_attend",
            kind="yes_no",
            label=Said(
                ko="9주 오프라인 과정에 모두 참여할 수 있습니까?",
                en="Can you attend the whole nine weeks of offline training?",
            ),
            is_personal=False,
        ),
        FormField(
            name="motivation",
            kind="text",
            label=Said(ko="지원 동기", en="Why you apply"),
            hint=Said(
                ko="4,000자까지 적을 수 있습니다. 심사위원이 읽으니 이름과 연락처는 적지 마십시오.",
                en="At most 4,000 characters. Reviewers read it: leave out your name and contacts.",
            ),
            is_required=False,
            length_max=4_000,
        ),
    ),
    consents=(PRIVACY, THIRD_PARTY),
)
