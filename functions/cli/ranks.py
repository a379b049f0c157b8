"""`sadari rank`: freezes the order of a round, shows it, compares it, and proves it."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from functions.cli.acting import AsOption, carry, case_of, kst, office, show_told, staff
from functions.cli.backends import Backend
from functions.cli.rounds import RoundArgument
from functions.cli.screen import NotDoneError, many, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, LangOption, StoreOption, language
from schemas.events.round import RankingFrozen
from schemas.facts import fact_id_of
from schemas.ids import CaseId, FactId
from schemas.messages import Entry, Message, Verdict
from schemas.ranking import Ranking
from schemas.round import Round
from workflows.definitions.places import place_of
from workflows.definitions.quotas import faults
from workflows.definitions.scores import differences, moves, ties_in
from workflows.definitions.seats import as_published
from workflows.runtime.rank import rank as freeze
from workflows.runtime.rank import round_of, run_of

app = typer.Typer(no_args_is_help=True, help="The order of a round: frozen, shown, compared, proved.")
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A rank run's id or its beginning, or a round for the run that counts.")
]


@app.command()
def run(
    round_id: RoundArgument, who: AsOption, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False
) -> None:
    """Rank the eligible applications, freeze the run, and put it to whoever approves it; not to you."""
    actor = staff(who, "operator")
    frozen: list[Ranking] = []
    with office(store) as backend:
        case = case_of(backend, round_id, "round")

        def act() -> list[Message]:
            ranking, message = freeze(case.id, actor, backend.ports)
            frozen.append(ranking)
            return [message]

        told = carry(backend, act)
        _, round_ = round_of(case.id, backend.ports)
    ranking = frozen[0]
    wrong = faults(ranking.quotas, round_.capacity, ranking.entries)
    report = {
        "run": told[0].message.data["ranking"],
        "ranked": len(ranking.entries),
        "ties": len(ties_in(ranking)),
        "quota_faults": [{"ko": fault.ko, "en": fault.en} for fault in wrong],
    }
    if not as_json:
        out.print(f"run {report['run']}: {report['ranked']} ranked, {report['ties']} ties broken", markup=False)
        for fault in wrong:
            out.print(f"cannot hold: {fault.en}", markup=False, soft_wrap=True)
    show_told(told, as_json=as_json, more=report)


@app.command()
def runs(round_id: RoundArgument, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """List the rank runs of a round, oldest first, and which of them counts."""
    with office(store) as backend:
        case = case_of(backend, round_id, "round")
        rows = [
            {
                "run": entry.message.data["ranking"],
                "at": entry.message.at,
                "by": entry.message.actor.id,
                "verdict": entry.verdict.value,
                "counts": entry.message.data["ranking"] == case.data["ranking"],
            }
            for entry in _frozen(backend, case.id)
        ]
    if as_json:
        print_json([{**row, "at": row["at"].isoformat()} for row in rows])
        return
    cells = [(row["run"], kst(row["at"]), row["by"], row["verdict"], "yes" if row["counts"] else "") for row in rows]
    print_table(f"{len(rows)} rank runs of {case.id}", ("run", "at", "by", "verdict", "counts"), cells)


@app.command()
def show(
    run_id: RunArgument,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many.")] = 1_000,
    store: StoreOption = DEFAULT_STORE,
    lang: LangOption = "en",
    *,
    as_json: JsonOption = False,
) -> None:
    """Show an order: rank, total, its parts, and why each candidate stands where they do."""
    words = language(lang)
    with office(store) as backend:
        found, ranking = find_run(backend, run_id)
        _, round_ = round_of(ranking.round, backend.ports)
    counts = round_.ranking is not None and round_.ranking.id == found
    coming = as_published(round_) if counts and not round_.told else None
    rows = [
        {
            **entry.model_dump(mode="json", exclude={"returns"}),
            "place": _place(round_, entry.application, coming) if counts else {},
        }
        for entry in ranking.entries[:limit]
    ]
    if as_json:
        head = ranking.model_dump(mode="json", exclude={"entries"})
        print_json({"run": found, "counts": counts, **head, "entries": rows})
        return
    cells = [
        (row["rank"], row["application"], row["score"], _parts(row["scores"]), row["place"].get(words, ""))
        for row in rows
    ]
    columns = ("rank", "application", "total", "parts", "place")
    print_table(f"{len(rows)} of {len(ranking.entries)} in run {found}", columns, cells)
    if not counts:
        out.print("this is not the run that counts, so nobody has a place by it", markup=False)


@app.command()
def diff(
    before: RunArgument,
    after: Annotated[str, typer.Argument(metavar="RUN", help="The later run.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show whose rank or total differs between two runs, and what else was decided otherwise."""
    with office(store) as backend:
        (old_id, old), (new_id, new) = find_run(backend, before), find_run(backend, after)
    found, changed = moves(old, new), list(_changed_rules(old, new))
    if as_json:
        fields = ("application", "rank_before", "rank_after", "score_before", "score_after")
        moved = [{name: getattr(move, name) for name in fields} for move in found]
        print_json({"before": old_id, "after": new_id, "rules": changed, "moves": moved})
        return
    cells = [
        (move.application, _arrow(move.rank_before, move.rank_after), _arrow(move.score_before, move.score_after))
        for move in found
    ]
    print_table(f"{len(cells)} differ", ("application", "rank", "total"), cells)
    if changed:
        out.print(f"other rules: {', '.join(changed)}", markup=False)


@app.command()
def verify(run_id: RunArgument, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """Recompute a run from the inputs it holds, and check that its id is the hash of its content."""
    with office(store) as backend:
        found = _run_id(backend, run_id)
        content = backend.ports.facts.get([found])
    if found not in content:
        raise NotDoneError(f"no rank run [{found}]; see `sadari rank runs ROUND`")
    wrong = list(_wrong(found, content[found]))
    if as_json:
        print_json({"run": found, "differences": wrong})
    else:
        for each in wrong:
            out.print(each, markup=False, soft_wrap=True)
        out.print(f"run {found}: {many(len(wrong), 'difference')}", markup=False)
    if wrong:
        raise NotDoneError(f"run [{found}] is not what it should be: {wrong[0]}")


@app.command()
def ties(run_id: RunArgument, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """Show between whom a tie was broken, and by what."""
    with office(store) as backend:
        found, ranking = find_run(backend, run_id)
    rows = [
        {"rank": upper.rank, "before": upper.application, "after": lower.application, "total": upper.score, "by": by}
        for upper, lower in ties_in(ranking)
        for by in [next((name for name in ranking.ties if upper.scores[name] != lower.scores[name]), "hash")]
    ]
    if as_json:
        print_json({"run": found, "ties": rows})
        return
    columns = ("rank", "before", "after", "total", "by")
    print_table(f"{many(len(rows), 'tie')} in run {found}", columns, [[row[name] for name in columns] for row in rows])


def find_run(backend: Backend, text: str) -> tuple[FactId, Ranking]:
    """Give a rank run by its id or its beginning, or by its round if it is the one that counts.

    Raises:
        NotDoneError: There is none.
        NotFound: The same.
    """
    found = _run_id(backend, text)
    return found, run_of(found, backend.ports)


def _run_id(backend: Backend, text: str) -> FactId:
    seen = backend.ports.cases.get(CaseId(text))
    if seen is not None and seen.case.workflow == "round":
        if not seen.case.data["ranking"]:
            raise NotDoneError(f"round [{text}] is not ranked yet: `sadari rank run {text}`")
        return FactId(seen.case.data["ranking"])
    rounds = backend.ports.cases.find(workflow="round")
    known = {entry.message.data["ranking"] for case in rounds for entry in _frozen(backend, case.id)}
    found = [name for name in known if name.startswith(text)]
    return FactId(found[0] if len(found) == 1 else text)


def _frozen(backend: Backend, round_id: CaseId) -> Iterator[Entry]:
    for text, _ in backend.ports.cases.history(round_id):
        entry = Entry.model_validate_json(text)
        if entry.message.type == RankingFrozen.__name__ and entry.verdict is not Verdict.REJECTED:
            yield entry


def _wrong(run_id: FactId, content: Any) -> Iterator[str]:
    try:
        ranking = Ranking.model_validate(content)
    except ValidationError as error:
        yield f"the document is no rank run: {error.error_count()} faults"
        return
    if fact_id_of(ranking) != run_id:
        yield f"the content has another hash: [{fact_id_of(ranking)}]"
    yield from differences(ranking)


def _place(round_: Round, application: CaseId, coming: Round | None) -> dict[str, str]:
    said = place_of(round_, application, coming)
    return {"ko": said.ko, "en": said.en}


def _changed_rules(old: Ranking, new: Ranking) -> Iterator[str]:
    for name in Ranking.model_fields:
        if name != "entries" and getattr(old, name) != getattr(new, name):
            yield name


def _parts(scores: dict[str, float]) -> str:
    return ", ".join(f"{name} {score:g}" for name, score in scores.items())


def _arrow(before: float | None, after: float | None) -> str:
    return f"{'-' if before is None else f'{before:g}'} → {'-' if after is None else f'{after:g}'}"
