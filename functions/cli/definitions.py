"""`sadari definitions`: the workflows as they are, proved, as a page, as a diagram."""

from typing import Annotated

import typer

from functions.cli.screen import BadUseError, NotDoneError, out, print_json, print_table
from functions.cli.stores import JsonOption, LangOption, language
from workflows.definitions import LATEST, WORKFLOWS, faults
from workflows.definitions.words import WORDS
from workflows.engine.check import check as check_workflow
from workflows.engine.definition import Workflow
from workflows.engine.describe import bringers
from workflows.engine.describe import diagram as diagram_of
from workflows.engine.describe import page as page_of

app = typer.Typer(no_args_is_help=True, help="The workflows: proved, as a page for staff, as a diagram.")
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=f"One of {', '.join(LATEST)}.")]


@app.command()
def check(*, as_json: JsonOption = False) -> None:
    """Prove every workflow, and list every fault at once."""
    found = [fault for workflow in WORKFLOWS.values() for fault in check_workflow(workflow)] + faults()
    if as_json:
        print_json(
            {
                "workflows": [
                    {
                        "name": each.name,
                        "version": each.version,
                        "fingerprint": each.fingerprint,
                        "stages": len(each.states),
                    }
                    for each in WORKFLOWS.values()
                ],
                "faults": [{"code": fault.code, "where": fault.where, "text": fault.text} for fault in found],
            }
        )
    else:
        rows = [(each.name, each.version, each.fingerprint, len(each.states)) for each in WORKFLOWS.values()]
        print_table("Workflows", ("name", "version", "fingerprint", "stages"), rows)
        for fault in found:
            out.print(str(fault), markup=False)
        out.print(f"\n{len(found)} faults")
    if found:
        raise NotDoneError(f"{len(found)} faults in the workflows")


@app.command()
def page(name: NameArgument, lang: LangOption = "en") -> None:
    """Print what staff read: every stage and what may happen there, in sentences."""
    workflow, words = _workflow(name), language(lang)
    parts = (page_of(workflow, WORDS, words), bringers(workflow, LATEST.values(), WORDS, words))
    out.print("\n".join(parts), markup=False, soft_wrap=True)


@app.command()
def diagram(name: NameArgument, lang: LangOption = "en") -> None:
    """Print the workflow as a Mermaid state diagram."""
    out.print(diagram_of(_workflow(name), WORDS, language(lang)), markup=False, soft_wrap=True)


def _workflow(name: str) -> Workflow:
    if name not in LATEST:
        raise BadUseError(f"no workflow [{name}]: choose one of {', '.join(LATEST)}")
    return LATEST[name]
