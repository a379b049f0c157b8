"""`sadari restore`: brings a cohort back that was deleted by mistake."""

import base64
import binascii
from contextlib import ExitStack
from dataclasses import asdict
from typing import Annotated

import typer

from functions.cli.acting import AsOption, office, staff, why_of
from functions.cli.screen import BadUseError, NotDoneError, out, print_json
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption, opened_copy
from functions.settings import KEY_BYTES_MIN
from workflows.runtime.restore import restore as bring_back


def restore(
    cohort: Annotated[str, typer.Argument(metavar="COHORT", help="The cohort, as `sadari cases show` names it.")],
    who: AsOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; it goes to the access log, so nothing personal.")],
    copy: Annotated[
        str, typer.Option("--from", metavar="COPY", help="An older copy: an SQLite file, or another database.")
    ],
    key: Annotated[
        str, typer.Option(envvar="SADARI_KEY", help="The store's key in base64, to find people by their contacts.")
    ] = "",
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Write what is missing of a cohort as it was in a copy; whatever is there, or was erased, stays as it is.

    Cases come with their histories and questions, people with their forms and letters.  What happened since the copy
    was made is played again from the topic `events`.
    """
    by, why = staff(who, "admin").id, why_of(reason)
    try:
        secret = base64.b64decode(key, validate=True)
    except binascii.Error as error:
        raise BadUseError("the key is no base64 (--key)") from error
    if len(secret) < KEY_BYTES_MIN:
        hint = "`gcloud secrets versions access latest --secret key`"
        raise BadUseError(f"without the key nobody would be found by their contacts any more: set SADARI_KEY ({hint})")
    with ExitStack() as opened:
        ports = opened.enter_context(office(store)).ports
        older = opened.enter_context(opened_copy(copy, store)).ports
        done = bring_back(cohort, ports, older, by=by, reason=why, key=secret)
    if not done.cases + done.there:
        raise NotDoneError(f"the copy [{copy}] has no case of the cohort [{cohort}]; nothing was written")
    if as_json:
        print_json(asdict(done))
    else:
        out.print(
            f"{done.cases} cases, {done.people} people and {done.letters} letters are there again; "
            f"{done.there} cases were there, {done.erased} people stay erased",
            markup=False,
            soft_wrap=True,
        )
