"""`sadari appeals`: appeals (이의신청) against decisions about applications."""

from typing import Annotated

import typer

from functions.cli.acting import AsOption, carry, case_of, kst, office, reason_of, show_told
from functions.cli.offers import ApplicationArgument, on_behalf
from functions.cli.rounds import RoundArgument
from functions.cli.screen import NotDoneError, many, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, LangOption, StoreOption, language
from schemas.appeal import Appeal
from schemas.application import Application
from workflows.definitions.words import WORDS
from workflows.runtime.appeal import appeal_id, file_appeal

app = typer.Typer(no_args_is_help=True, help="Appeals (이의신청) against decisions about applications.")


@app.command("list")
def list_appeals(
    round_id: RoundArgument, store: StoreOption = DEFAULT_STORE, lang: LangOption = "en", *, as_json: JsonOption = False
) -> None:
    """List the appeals of a round, with the question that is open for each."""
    speech = WORDS.speech(language(lang))
    with office(store) as backend:
        case = case_of(backend, round_id, "round")
        found = list(backend.ports.cases.find(workflow="appeal", round_id=case.id))
    rows = []
    for each in found:
        appeal = Appeal.model_validate_json(each.subject)
        rows.append(
            {
                "appeal": each.id,
                "application": appeal.decision,
                "stage": each.stage,
                "since": each.arrived_at.isoformat(),
                "decided_at": appeal.decided_at.isoformat(),
                "questions": [task.id for task in each.tasks],
            }
        )
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            each.id,
            row["application"],
            speech.stage("appeal", each.stage),
            kst(each.arrived_at),
            ", ".join(row["questions"]),
        )
        for each, row in zip(found, rows, strict=True)
    ]
    print_table(many(len(rows), "appeal"), ("id", "application", "stage", "since", "open question"), cells)


@app.command("file")
def file_one(
    application: ApplicationArgument,
    who: AsOption,
    reason: Annotated[str, typer.Option("--reason", help="Why, in the person's words; it goes to the vault.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """File an appeal that somebody brought on paper or by phone.

    The history names the person; the access log names you.
    """
    text = reason_of(reason)
    with office(store) as backend:
        case = case_of(backend, application, "application")
        about = appeal_id(Application.model_validate_json(case.subject))
        if (before := backend.ports.cases.get(about)) is not None:
            stands = f"appeal [{about}] is {before.case.stage}"
            raise NotDoneError(f"[{case.id}] was appealed against before, and that goes once: {stands}")
        actor = on_behalf(backend, case, who, "appeal")
        told = carry(backend, lambda: [file_appeal(case.id, text, actor, backend.ports)])
    show_told(told, as_json=as_json, more={"appeal": told[0].message.case})
