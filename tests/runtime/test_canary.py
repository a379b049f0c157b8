"""Whoever is erased is found nowhere: in no table, no freed page or log of the file, no later letter."""

import logging
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from functions.bootstrap import make_post
from functions.embedded import Embedded
from functions.post.settings import MailServer
from functions.proof import prove
from functions.stack.mail_sink import SENDER, MailSink
from schemas.data_request import Right
from schemas.draft import Draft
from schemas.events.application import OfferExtended
from schemas.ids import CaseId, PersonId
from schemas.register import Destruction
from tests.support import canary
from tests.support.canary import heard
from tests.support.cohort import CALENDAR, DAY, HOUR
from tests.support.life import staff
from tests.support.office import KEY, OPERATOR, Office, applicant
from workflows.runtime.appeal import file_appeal
from workflows.runtime.bury import bury_unreadable
from workflows.runtime.data_request import Wish, file_data_request
from workflows.runtime.erase import reapply
from workflows.runtime.free_text import without_free_text
from workflows.runtime.own_data import own_data
from workflows.runtime.rank import rank

LOUD = frozenset({"people", "people_index", "forms", "texts", "letters", "drafts"})


def sing(office: Office) -> CaseId:
    """Leave a song wherever a person can: forms, edits, drafts, letters, reasons, an appeal, a request, a bad body."""
    office.plan()
    case = office.hand_in(1, **canary.FORM)
    office.hand_in(1, **{**canary.FORM, "motivation": "노란 깃털, 다시"})
    others = [office.hand_in(number) for number in range(2, 7)]
    ports = office.ports
    typed = {"name": "꾀꼬리", "phone": "010-7391-8264"}
    draft = Draft(
        id="draft-1",
        form="application",
        version=1,
        asked_for=CaseId("round-1"),
        typed=typed,
        locale="ko",
        saved_at=office.now,
        erase_on=CALENDAR.results_at.date(),
    )
    ports.drafts.put(draft)
    bury_unreadable(canary.BODY.encode(), "no_message", ports, source="events", key=KEY)
    ports.vault.put_text(canary.REASON)  # as a batch leaves it, about several
    office.until(CALENDAR.applications_close + HOUR)
    office.score([*others, case])
    rank("round-1", OPERATOR, ports)  # type: ignore[arg-type]
    office.settle()
    office.approve()
    office.until(CALENDAR.results_at + HOUR)
    file_appeal(case, canary.APPEAL, applicant(office.case(case)), ports)
    office.settle()
    extended = office.message(case, OfferExtended(hours=24, reason=canary.REASON), by=OPERATOR)
    ports.publisher.publish([without_free_text(extended, ports)], [])
    office.settle()
    return case


def erased(office: Office, case: CaseId) -> CaseId:
    wish, actor = Wish(Right.ERASE, text="앵무새를 잊어 주세요"), applicant(office.case(case))
    message = file_data_request(
        PersonId(actor.id), wish, actor, office.ports, submission="letter of the canary", key=KEY
    )
    office.settle()
    office.answer(message.case, yes=True, by=staff("privacy_officer"))
    office.until(office.now + DAY + HOUR)
    return message.case


def in_the_file(embedded: Embedded) -> dict[str, list[str]]:
    """Give what can be heard in the bytes of the store: its pages, used and freed, its log, its shared memory."""
    paths = [Path(f"{embedded.path}{suffix}") for suffix in ("", "-wal", "-shm", "-journal")]
    songs = {path.name: heard(path.read_bytes()) for path in paths if path.exists()}
    return {name: found for name, found in songs.items() if found}


def in_the_tables(embedded: Embedded) -> set[str]:
    names = [name for (name,) in embedded.database.all("select name from sqlite_master where type = 'table'")]
    rows = {name: repr(embedded.database.all(f"select * from {name}")) for name in names}
    return {name for name, text in rows.items() if heard(text)}


def test_the_canary_sings_in_the_vault_alone_and_is_heard(embedded: Embedded) -> None:
    office = Office(embedded)

    sing(office)

    assert in_the_tables(embedded) == LOUD
    assert in_the_file(embedded)


def test_whoever_is_erased_is_found_in_no_table_and_no_byte_of_the_file(
    embedded: Embedded, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office = Office(embedded)
    case = sing(office)

    request = erased(office, case)

    assert office.stage(request) == "done"
    assert in_the_tables(embedded) == set()
    assert in_the_file(embedded) == {}
    assert heard(caplog.text) == []


def test_nothing_that_leaves_after_the_erasure_names_the_erased(embedded: Embedded) -> None:
    office = Office(embedded)
    case = sing(office)
    erased(office, case)

    office.until(CALENDAR.programme_ends)

    letters = "".join(letter.model_dump_json() for letter in office.ports.letters.find())
    assert letters
    assert heard(letters) == []
    assert own_data(PersonId(office.case(case).person), office.ports, reader="portal") is None
    assert in_the_file(embedded) == {}


def test_every_history_is_proved_after_the_erasure(embedded: Embedded) -> None:
    office = Office(embedded)
    erased(office, sing(office))

    cases, _, findings = prove(embedded, lambda _more: None)

    assert cases > 0
    assert findings == []


def test_a_backup_that_is_brought_back_is_silenced_by_the_ledger(embedded: Embedded, tmp_path: Path) -> None:
    office = Office(embedded)
    case = sing(office)
    embedded.database.execute("vacuum into ?", (str(tmp_path / "backup.db"),))
    erased(office, case)
    ledger = list(office.ports.register.find(Destruction))

    restored = Embedded(tmp_path / "backup.db")
    sings_again = in_the_tables(restored)
    for row in ledger:
        restored.ports.register.add(row)
    count = reapply(restored.ports)

    assert (sings_again, count) == (LOUD, 1)
    assert in_the_tables(restored) == set()
    assert in_the_file(restored) == {}
    assert prove(restored, lambda _more: None)[2] == []
    restored.close()


def test_no_mail_that_leaves_after_the_erasure_names_the_erased_nor_goes_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    with MailSink(folder) as sink:
        server = MailServer(sink.host, sink.port, "none", "", password="", sender=SENDER)
        embedded = Embedded(tmp_path / "sadari.db", post=make_post(server, None))
        office = Office(embedded)
        case = sing(office)
        post(office)
        before = {path.name for path in folder.glob("*.eml")}
        song = "".join(content(folder / name) for name in before)
        erased(office, case)
        office.until(CALENDAR.programme_ends)
        post(office)
        embedded.close()

    later = [content(path) for path in sorted(folder.glob("*.eml")) if path.name not in before]
    assert heard(song)
    assert later
    assert heard("".join(later)) == []


def post(office: Office) -> None:
    """Let what waits leave, in the morning."""
    morning = office.now.replace(hour=2, minute=0) + DAY
    office.until(morning)
    while office.worker.post():
        pass


def content(path: Path) -> str:
    """Give a mail as its reader sees it: the headers, and every part decoded."""
    mail = message_from_bytes(path.read_bytes(), policy=default)
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *map(str, parts)])
