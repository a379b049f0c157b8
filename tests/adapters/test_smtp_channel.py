"""Mail over a real SMTP server: what arrives is what was written, and every refusal says what happens next."""

import datetime as dt
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from icalendar import Calendar

from functions.adapters.mail.smtp_channel import SmtpChannel
from functions.embedded import Embedded
from functions.post.settings import MailServer, read_mail
from functions.stack.arrived import received
from functions.stack.functions_server import free_port
from functions.stack.mail_sink import MailSink
from schemas.ids import CaseId
from schemas.letters import Appointment, Letter, LetterState
from schemas.people import Person
from tests.support.cohort import kst
from tests.support.post import PERSON, a_notice, a_person, with_post
from workflows.runtime.deliver import deliver
from workflows.runtime.errors import Unavailable, Undeliverable
from workflows.runtime.post_ports import Parcel
from workflows.runtime.send import letter_id_of, send

AT = kst("2027-04-02 10:00")


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[MailSink]:
    with MailSink(tmp_path / "mail") as running:
        yield running


def server_of(sink: MailSink, **changed: Any) -> MailServer:
    faults: list[str] = []
    given = sink.settings(**changed)
    server = read_mail({"SADARI_MAIL": json.dumps(given)}, faults)
    assert faults == []
    assert server is not None
    return server


def a_parcel(*, person: Person | None = None, **changed: Any) -> Parcel:
    given: dict[str, Any] = {
        "id": "letter1",
        "person": PERSON,
        "case": CaseId("application-1"),
        "notice": "InterviewBooked",
        "locale": "ko",
        "subject": "면접 시간이 확정되었습니다",
        "body": "김지원 님, 면접 시간이 확정되었습니다.\n\n.\nFrom here on: 10:00",
        "state": LetterState.SENDING,
        "written_at": AT,
        **changed,
    }
    return Parcel(letter=Letter(**given), person=person or a_person(), reference="letter1.mail.0", at=AT)


def the_mail(tmp_path: Path) -> EmailMessage:
    (mail,) = received(tmp_path / "mail")
    return mail


def test_a_letter_arrives_as_it_was_written(sink: MailSink, tmp_path: Path) -> None:
    SmtpChannel(server_of(sink)).send(a_parcel())

    mail = the_mail(tmp_path)
    assert mail["Subject"] == "면접 시간이 확정되었습니다"
    assert (mail["From"], mail["To"]) == ("사다리 <letters@sadari.example>", "김지원 <applicant1@example.org>")
    assert mail["Message-ID"] == "<letter1@sadari.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "ko"
    assert mail["Date"] == "Fri, 02 Apr 2027 10:00:00 +0900"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines() == a_parcel().letter.body.splitlines()


def test_a_repeat_has_the_same_message_id(sink: MailSink, tmp_path: Path) -> None:
    for _ in range(2):
        SmtpChannel(server_of(sink)).send(a_parcel())

    assert [mail["Message-ID"] for mail in received(tmp_path / "mail")] == ["<letter1@sadari.example>"] * 2


def test_answers_go_where_they_are_read(sink: MailSink, tmp_path: Path) -> None:
    SmtpChannel(server_of(sink, reply_to="office@sadari.example")).send(a_parcel())

    assert the_mail(tmp_path)["Reply-To"] == "office@sadari.example"


@pytest.mark.parametrize(
    "name", ["김\r\nBcc: all@example.org", 'A "B" <c@d>', "{{7*7}}", "<script>", "محمد", "a" * 300]
)
def test_a_name_adds_no_header_and_no_reader(sink: MailSink, tmp_path: Path, name: str) -> None:
    SmtpChannel(server_of(sink)).send(a_parcel(person=a_person(name=name)))

    mail = the_mail(tmp_path)
    assert mail["Bcc"] is None
    assert [each.addr_spec for each in mail["To"].addresses] == ["applicant1@example.org"]


@pytest.mark.parametrize("subject", ["안내\nBcc: all@example.org", "안내\r\n\r\nbody"])
def test_a_subject_of_two_lines_is_refused(sink: MailSink, tmp_path: Path, subject: str) -> None:
    with pytest.raises(Undeliverable, match="address"):
        SmtpChannel(server_of(sink)).send(a_parcel(subject=subject))

    assert received(tmp_path / "mail") == []


@pytest.mark.parametrize("email", ["no address", "a@b\r\nRCPT TO:<c@d>", "", "a@", "지원@example.org", "a@예.한국"])
def test_an_address_that_is_none_is_refused(sink: MailSink, tmp_path: Path, email: str) -> None:
    with pytest.raises(Undeliverable, match="address"):
        SmtpChannel(server_of(sink)).send(a_parcel(person=a_person(email=email)))

    assert received(tmp_path / "mail") == []


# ---- dates


def dated(*, is_cancelled: bool = False, sequence: int = 0) -> Parcel:
    appointment = Appointment(
        what="interview",
        uid="interview-application-1@sadari",
        sequence=sequence,
        starts_at=kst("2027-04-12 10:00"),
        minutes=20,
        is_cancelled=is_cancelled,
        told_at=AT,
    )
    return a_parcel(appointments=(appointment,))


@pytest.mark.parametrize(
    ("is_cancelled", "method", "status"), [(False, "PUBLISH", "CONFIRMED"), (True, "CANCEL", "CANCELLED")]
)
def test_a_date_comes_as_a_calendar_file(
    sink: MailSink, tmp_path: Path, method: str, status: str, *, is_cancelled: bool
) -> None:
    SmtpChannel(server_of(sink)).send(dated(is_cancelled=is_cancelled, sequence=3))

    text, file = list(the_mail(tmp_path).iter_parts())
    assert text.get_content_type() == "text/plain"
    assert (file.get_content_type(), file.get_param("method"), file.get_filename()) == (
        "text/calendar",
        method,
        "interview.ics",
    )
    raw = file.get_payload(decode=True)
    assert isinstance(raw, bytes)
    calendar = Calendar.from_ical(raw)
    (event,) = calendar.walk("VEVENT")
    (zone,) = calendar.walk("VTIMEZONE")
    assert (str(calendar["method"]), str(zone["tzid"])) == (method, "Asia/Seoul")
    assert (str(event["uid"]), event["sequence"], str(event["status"])) == ("interview-application-1@sadari", 3, status)
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (kst("2027-04-12 10:00"), kst("2027-04-12 10:20"))
    assert b"DTSTART;TZID=Asia/Seoul:20270412T100000\r\n" in raw
    assert event.decoded("dtstamp") == AT
    assert str(event["summary"]) == "면접"


def test_a_changed_interview_arrives_as_the_next_version_of_the_same_date(
    sink: MailSink, tmp_path: Path, embedded: Embedded
) -> None:
    ports = with_post(embedded.ports, mail=SmtpChannel(server_of(sink)))
    ports.vault.put(a_person())
    embedded.clock.turn(AT)
    told = [
        a_notice(
            "InterviewBooked",
            name=day,
            days_later=place,
            interview_at=f"2027-04-{day}T10:00:00+09:00",
            interview_minutes=20,
        )
        for place, day in enumerate(("12", "13"))
    ]

    for notice in (*told, a_notice(days_later=2)):
        deliver(notice, ports)
        send(letter_id_of(notice), ports)

    files = [
        Calendar.from_ical(part.get_payload(decode=True))
        for mail in received(tmp_path / "mail")
        for part in mail.iter_attachments()
    ]
    events = [event for file in files for event in file.walk("VEVENT")]
    assert [str(file["method"]) for file in files] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert len({str(event["uid"]) for event in events}) == 1
    assert [(event["sequence"], event.decoded("dtstart")) for event in events] == [
        (0, kst("2027-04-12 10:00")),
        (1, kst("2027-04-13 10:00")),
        (2, kst("2027-04-13 10:00")),
    ]


# ---- what goes wrong


def test_an_address_that_the_server_refuses_is_refused_for_good(sink: MailSink) -> None:
    sink.refused.add("applicant1@example.org")

    with pytest.raises(Undeliverable) as error:
        SmtpChannel(server_of(sink)).send(a_parcel())

    assert error.value.detail == "smtp_550"


def test_nobody_who_listens_is_tried_again(sink: MailSink) -> None:
    with pytest.raises(Unavailable, match="smtp_ConnectionRefusedError"):
        SmtpChannel(server_of(sink, port=free_port())).send(a_parcel())


def test_a_server_that_hangs_up_is_tried_again(sink: MailSink) -> None:
    with socket.create_server(("127.0.0.1", 0)) as rude:
        server = server_of(sink, port=rude.getsockname()[1])

        def hang_up() -> None:
            rude.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(Unavailable, match="smtp_"):
            SmtpChannel(server).send(a_parcel())
        thread.join()


# ---- TLS and login


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "mail.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_sink(tmp_path: Path, certificate: Path) -> Iterator[MailSink]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data == LoginPassword(b"sadari", b"secret"), handled=False)

    options = {"tls_context": context, "require_starttls": True, "authenticator": knows, "auth_required": True}
    with MailSink(tmp_path / "mail", **options) as running:
        yield running


def test_mail_travels_encrypted_to_a_server_that_can_prove_who_it_is(
    tls_sink: MailSink, tmp_path: Path, certificate: Path
) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate))
    server = server_of(tls_sink, security="starttls", user="sadari", password="secret")

    SmtpChannel(server, trusted).send(a_parcel())

    assert the_mail(tmp_path)["Message-ID"] == "<letter1@sadari.example>"


def test_a_server_that_cannot_prove_who_it_is_gets_nothing(tls_sink: MailSink, tmp_path: Path) -> None:
    server = server_of(tls_sink, security="starttls", user="sadari", password="secret")

    with pytest.raises(Unavailable, match="smtp_SSLCertVerificationError"):
        SmtpChannel(server).send(a_parcel())

    assert received(tmp_path / "mail") == []


def test_a_wrong_password_is_our_fault_and_not_the_letters(tls_sink: MailSink, certificate: Path) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate))
    server = server_of(tls_sink, security="starttls", user="sadari", password="wrong")

    with pytest.raises(Unavailable) as error:
        SmtpChannel(server, trusted).send(a_parcel())

    assert error.value.detail == "smtp_535"
