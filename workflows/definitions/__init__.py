"""Our workflows, as data with one-line guards.  Each is imported, and proved, when somebody first asks for it."""

from collections.abc import Hashable, Iterator, Mapping
from datetime import date
from importlib import import_module
from typing import TypeVar

from schemas.events import EVENTS
from schemas.notices import NOTICES
from workflows.engine.check import Fault, check_all
from workflows.engine.definition import Workflow

K = TypeVar("K", bound=Hashable)


class Released(Mapping[K, Workflow]):
    """Workflows by a key of theirs, from the modules that define them."""

    def __init__(self, modules: Mapping[K, str]) -> None:
        """Name the module of each; the definition in it has the module's name, in capitals."""
        self._modules = modules
        self._found: dict[K, Workflow] = {}

    def __getitem__(self, key: K) -> Workflow:
        """Give one workflow, importing what defines it."""
        found = self._found.get(key)
        if found is None:
            name = self._modules[key]
            found = self._found[key] = getattr(import_module(f"workflows.definitions.{name}"), name.upper())
        return found

    def __iter__(self) -> Iterator[K]:
        """Give the keys, in the order of release; imports nothing."""
        return iter(self._modules)

    def __len__(self) -> int:
        """Give how many there are; imports nothing."""
        return len(self._modules)


OPENED_BY: Mapping[str, Workflow] = Released(
    {
        "RoundPlanned": "round",
        "ReviewAssigned": "review",
        "InterviewsPlanned": "interviews",
        "ApplicationSubmitted": "application",
        "AppealFiled": "appeal",
        "EnrolmentOpened": "enrolment",
        "OutcomeOpened": "outcome",
        "DataRequested": "data_request",
        "ForumPlanned": "forum",
        "ForumRegistered": "forum_registration",
    }
)
"""By event name: the workflow of which it opens a case.  `faults` compares this with what the workflows say."""

WORKFLOWS: Mapping[tuple[str, int], Workflow] = Released(
    {
        ("round", 1): "round",
        ("review", 1): "review",
        ("interviews", 1): "interviews",
        ("application", 1): "application",
        ("appeal", 1): "appeal",
        ("enrolment", 1): "enrolment",
        ("outcome", 1): "outcome",
        ("data_request", 1): "data_request",
        ("forum", 1): "forum",
        ("forum_registration", 1): "forum_registration",
    }
)
"""Every released version; one stays here until no case is on it."""

LATEST: Mapping[str, Workflow] = Released({name: name for name in sorted({name for name, _ in WORKFLOWS})})
"""By name: the version of which new cases are, in the module that has the workflow's name."""

RELEASED_ON: Mapping[tuple[str, int], date] = {}
"""When each version went into service, where that is known: a release writes it down here."""


def faults() -> list[Fault]:
    """Give every fault between the latest workflows; each one alone was proved when it was imported."""
    return [*_misnamed(), *check_all(LATEST.values(), EVENTS, NOTICES)]


def _misnamed() -> Iterator[Fault]:
    """Give what the tables above say otherwise than the workflows themselves."""
    for (name, version), workflow in WORKFLOWS.items():
        if (workflow.name, workflow.version) != (name, version):
            text = f"the definition found there is version [{workflow.version}] of [{workflow.name}]"
            yield Fault("misnamed", f"{name} {version}", text)
    opens = {on.event.__name__: workflow for workflow in LATEST.values() for on in workflow.opens}
    for event in sorted({*opens, *OPENED_BY}):
        if opens.get(event) is not OPENED_BY.get(event):
            yield Fault("misnamed", event, "name the workflow that it opens a case of in OPENED_BY")
