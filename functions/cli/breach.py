"""`sadari breach`: whose data was touched, by when they have to be told, and the notice to begin with."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from functions.cli.acting import AsOption, kst, moment_of, office, staff
from functions.cli.backends import Backend
from functions.cli.screen import BadUseError, NotDoneError, out, print_json
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from functions.forms.safe_csv import write_csv
from schemas.ids import PersonId
from workflows.runtime.breach import TOLD_WITHIN, acts_of, must_report, people_of, touched

NOTICE = Path(__file__).with_name("breach_notice.ko.txt")
TO_FILL = "「채울 것: {}」"
AT_ONCE = 100
COLUMNS = ("person", "name", "email", "mobile", "locale")
SinceOption = Annotated[str, typer.Option("--since", help="From when on, such as 2027-03-19T18:00, in Korea.")]


def breach(
    who: AsOption,
    since: SinceOption,
    known: Annotated[str, typer.Option("--known", help="When somebody first knew; the 72 hours count from then.")],
    account: Annotated[str, typer.Option("--account", help="The staff account that looked.")] = "",
    cohort: Annotated[str, typer.Option("--cohort", help="Everybody of this cohort, such as for a lost export.")] = "",
    until: Annotated[str, typer.Option("--until", help="Until when; now if left out.")] = "",
    folder: Annotated[
        Path | None, typer.Option("--out", help="A new folder for the worksheet, the list of people and the notice.")
    ] = None,
    *,
    acts: Annotated[
        bool, typer.Option("--acts", help="Also what the account did to cases; this reads every history.")
    ] = False,
    contacts: Annotated[
        bool, typer.Option("--contacts", help="Write names and contacts into the list; the access log keeps it.")
    ] = False,
    outside: Annotated[bool, typer.Option("--outside", help="Somebody from outside broke in.")] = False,
    sensitive: Annotated[bool, typer.Option("--sensitive", help="Sensitive data are among it.")] = False,
    as_json: JsonOption = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Say whose data an account touched, or who is in a cohort; with --out, also write what people are told.

    People are named by their ids, unless --contacts asks for more.  Everybody with the possibility of harm has to be
    told within 72 hours of knowing.
    """
    if bool(account) == bool(cohort):
        raise BadUseError("name an account (--account) or a cohort (--cohort)")
    if contacts and folder is None:
        raise BadUseError("contacts go into a file only: say where (--out)")
    by = staff(who, "privacy_officer").id
    knew = moment_of(known, "--known")
    with office(store) as backend:
        now = backend.ports.clock.now()
        span = (moment_of(since, "--since"), moment_of(until, "--until") if until else now)
        _check(span, knew, now, folder)
        found = _found(backend, account, cohort, span, is_acting=acts)
        found |= {
            "known_at": knew.isoformat(),
            "tell_by": (knew + TOLD_WITHIN).isoformat(),
            "report_to_authority": must_report(found["people"], is_outside=outside, is_sensitive=sensitive),
        }
        if folder is not None:
            _write(folder, found, backend if contacts else None, by, span, now)
    if as_json:
        print_json(found)
    else:
        _tell(found, knew, now, folder)


def _check(span: tuple[datetime, datetime], knew: datetime, now: datetime, folder: Path | None) -> None:
    if knew > now:
        raise BadUseError(f"nobody knows yet at {kst(knew)}: say when somebody first knew (--known)")
    if span[0] > span[1]:
        raise BadUseError(f"{kst(span[0])} (--since) is later than {kst(span[1])} (--until, or now)")
    if folder is not None and folder.exists():
        raise BadUseError(f"[{folder}] is there already; name a new folder (--out)")


def _found(
    backend: Backend, account: str, cohort: str, span: tuple[datetime, datetime], *, is_acting: bool
) -> dict[str, Any]:
    if cohort:
        people = list(people_of(cohort, backend.ports))
        if not people:
            raise NotDoneError(f"nobody is in the cohort [{cohort}]; `sadari cases show` names the cohort of a case")
        return {"cohort": cohort, "people": people}
    looked = asdict(touched(account, *span, backend.ports))
    done = [asdict(each) for each in acts_of(account, *span, backend.ports)] if is_acting else None
    return {"account": account, **looked, "people": list(looked["people"]), "acts": done}


def _write(
    folder: Path,
    found: dict[str, Any],
    backend: Backend | None,
    by: str,
    span: tuple[datetime, datetime],
    now: datetime,
) -> None:
    folder.mkdir(parents=True, exist_ok=False, mode=0o700)
    columns = COLUMNS if backend else COLUMNS[:1]
    rows = [dict(zip(columns, row, strict=True)) for row in _people(found["people"], backend, by)]
    (folder / "people.csv").write_bytes(write_csv(columns, rows))
    filled = {
        "since": kst(span[0]),
        "until": kst(span[1]),
        "known": kst(datetime.fromisoformat(found["known_at"])),
        "sent": f"{now.astimezone(UTC):%Y-%m-%d}",
    }
    names = {
        "programme": "과정 이름",
        "items": "항목",
        "cause": "경위",
        "remedy": "조치",
        "contact": "담당 부서·연락처",
    }
    names["controller"] = "개인정보처리자"
    text = NOTICE.read_text(encoding="utf-8")
    blanks = {name: TO_FILL.format(label) for name, label in names.items()}
    (folder / "notice.ko.txt").write_text(text.format(**filled, **blanks), encoding="utf-8")


def _people(people: list[PersonId], backend: Backend | None, by: str) -> list[tuple[str, ...]]:
    if backend is None:
        return [(person,) for person in people]
    rows: list[tuple[str, ...]] = []
    for start in range(0, len(people), AT_ONCE):
        asked = people[start : start + AT_ONCE]
        known = backend.ports.vault.get_many(asked, reader=by, reason="notice of a breach")
        for person in asked:
            at = known.get(person)
            rows.append((person, "", "", "", "") if at is None else (person, at.name, at.email, at.contact, at.locale))
    return rows


def _tell(found: dict[str, Any], knew: datetime, now: datetime, folder: Path | None) -> None:
    people, left = len(found["people"]), knew + TOLD_WITHIN - now
    hours = int(left.total_seconds() // 3600)
    clock = f"{hours} hours are left" if hours >= 0 else f"that was {-hours} hours ago"
    out.print(f"{people} people; tell them until {kst(knew + TOLD_WITHIN)}: {clock}", markup=False)
    if found["report_to_authority"]:
        out.print("report to the authority (KISA 118, privacy.kisa.or.kr) by the same time", markup=False)
    if "account" in found:
        out.print(f"{found['looks']} looks of [{found['account']}], {len(found['things'])} other things", markup=False)
        for reason, many in list(found["reasons"].items())[:10]:
            out.print(f"{many:>6}  {reason}", markup=False, soft_wrap=True)
    for act in found.get("acts") or ():
        out.print(f"{kst(act['at'])}  [{act['case']}] {act['event']}: {act['verdict']}", markup=False, soft_wrap=True)
    if folder is not None:
        out.print(f"written to [{folder}]: people.csv, notice.ko.txt; fill in what 「」 marks", markup=False)
