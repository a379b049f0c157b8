"""`sadari cases`: where everybody stands, how they came there, and what comes next."""

from itertools import islice
from typing import Annotated

import typer

from functions.cli.acting import kst
from functions.cli.screen import BadUseError, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, LangOption, StoreOption, find_case, language, opened
from schemas.application import Application
from schemas.messages import Actor, Case, Entry
from schemas.search import Crowd
from workflows.definitions import LATEST
from workflows.definitions.words import WORDS
from workflows.engine.explain import explain as explain_case
from workflows.engine.explain import to_text
from workflows.runtime.advance import pinned
from workflows.runtime.place import place

app = typer.Typer(no_args_is_help=True, help="Where everybody stands, how they came there, and what comes next.")
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="A case's id, or the beginning of it.")]


@app.command("list")
def list_cases(
    workflow: Annotated[str | None, typer.Option(help=f"One of {', '.join(LATEST)}.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only cases that stand here.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many.")] = 50,
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """List cases, by id."""
    if workflow is not None and workflow not in LATEST:
        raise BadUseError(f"no workflow [{workflow}]: choose one of {', '.join(LATEST)}")
    stages = {name for each in LATEST.values() if workflow in {None, each.name} for name in each.states}
    if stage is not None and stage not in stages:
        raise BadUseError(f"no stage [{stage}]: choose one of {', '.join(sorted(stages))}")
    with opened(store) as backend:
        shown = list(islice(backend.ports.cases.find(workflow=workflow, stage=stage), limit))
        counts = backend.ports.index.counts(Crowd(workflow=workflow or ""))
    found = sum(many for (_, at), many in counts.items() if stage in {None, at})
    if as_json:
        print_json([_summary(case) for case in shown])
        return
    rows = [(case.id, case.workflow, case.stage, kst(case.arrived_at), case.seq) for case in shown]
    print_table(f"{len(shown)} of {found} cases", ("id", "workflow", "stage", "since", "entries"), rows)


@app.command()
def show(case_id: IdArgument, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """Show one case: its facts, timers, open questions and parked events.  Nothing here is personal."""
    with opened(store) as backend:
        case = find_case(backend, case_id)
    if as_json:
        print_json({**case.model_dump(mode="json", exclude={"subject"}), "facts": case.data})
        return
    since = f"{case.stage} since {kst(case.arrived_at)}, version {case.version}, visit {case.visit}"
    out.print(f"{case.workflow} {case.id}: {since}", markup=False)
    facts = [(name, value) for name, value in case.data.items() if name not in {"calendar", "terms"}]
    print_table("\nFacts", ("name", "value"), facts)
    timers = [(key, kst(timer.due), kst(timer.rings_at)) for key, timer in case.timers.items()]
    print_table("\nTimers", ("key", "due", "rings at"), timers)
    questions = [(task.id, task.question, ", ".join(task.needs)) for task in case.tasks]
    print_table("\nOpen questions", ("id", "question", "needs"), questions)
    parked = [(each.message.type, kst(each.message.at), kst(each.until)) for each in case.parked]
    print_table("\nParked events", ("event", "at", "kept until"), parked)


@app.command()
def history(case_id: IdArgument, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """Show what happened to a case, entry by entry."""
    with opened(store) as backend:
        case = find_case(backend, case_id)
        entries = [Entry.model_validate_json(text) for text, _ in backend.ports.cases.history(case.id)]
    if as_json:
        print_json([entry.model_dump(mode="json") for entry in entries])
        return
    rows = [
        (entry.seq, kst(entry.message.at), _what(entry), _who(entry.message.actor), entry.verdict.value, _way(entry))
        for entry in entries
    ]
    print_table(f"{case.workflow} {case.id}", ("", "at", "message", "by", "verdict", "led to"), rows)


@app.command()
def explain(
    case_id: IdArgument, store: StoreOption = DEFAULT_STORE, lang: LangOption = "en", *, as_json: JsonOption = False
) -> None:
    """Explain where a case stands, what it waits for and from whom, and where each answer leads.

    Of an application also: its place in the order and why, and the rules of eligibility that it does not meet.
    """
    words = language(lang)
    with opened(store) as backend:
        case = find_case(backend, case_id)
        workflow = pinned(case.workflow, case.version, case.fingerprint)
        explanation = explain_case(workflow, case, backend.ports.clock.now(), WORDS, words)
        said = place(case, backend.ports)
    standing = None if said is None else {"ko": said.ko, "en": said.en}
    failed = _failed_rules(case)
    if as_json:
        print_json({**explanation.model_dump(mode="json"), "place": standing, "failed_rules": failed})
        return
    out.print(to_text(explanation, words), markup=False, soft_wrap=True)
    for sentence in (*([standing] if standing else []), *failed):
        out.print(sentence[words], markup=False, soft_wrap=True)


def _failed_rules(case: Case) -> list[dict[str, str]]:
    """Give the rules that an application does not meet, as a human confirmed or is asked to confirm."""
    if case.workflow != "application":
        return []
    application = Application.model_validate_json(case.subject)
    texts = zip(application.reasons_ko, application.reasons_en, strict=True)
    return [{"ko": ko, "en": en} for ko, en in texts]


def _summary(case: Case) -> dict[str, object]:
    names = {"id", "workflow", "version", "stage", "arrived_at", "is_final", "cohort", "round", "seq"}
    return case.model_dump(mode="json", include=names)


def _who(actor: Actor) -> str:
    return f"{actor.id} for {actor.on_behalf_of}" if actor.on_behalf_of else actor.id


def _what(entry: Entry) -> str:
    data = entry.message.data
    more = {"TimerRang": data.get("key"), "QuestionAnswered": "yes" if data.get("answer") else "no"}
    return f"{entry.message.type} {more.get(entry.message.type, '')}".rstrip()


def _way(entry: Entry) -> str:
    if entry.reason:
        return entry.reason
    return ", ".join(dict.fromkeys(step.to for step in entry.steps))
