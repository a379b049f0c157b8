"""What functions and operators may do: what they do, and nothing else; as in `rules`."""

import json
import re
from collections.abc import Iterator, Mapping

from tests.infra.rules import grants, object_of, rule
from tests.infra.terraform import ROOT, Applied

Done = tuple[bool, frozenset[str], frozenset[str]]
"""Whether it deletes documents, what it publishes to, and the queues that it sets alarms on."""

EVENTS_TOPIC, NOTHING = frozenset({"events"}), frozenset[str]()
SENDS = {
    "advance": (frozenset({"events", "notices"}), frozenset({"timers"})),
    "deliver": (frozenset({"events", "notices", "partner-events"}), frozenset({"deliveries"})),
    "intake": (EVENTS_TOPIC, NOTHING),
    "ring": (EVENTS_TOPIC, NOTHING),
    "sweep": (EVENTS_TOPIC, frozenset({"deliveries"})),
}
DONE_ELSEWHERE: dict[str, Done] = {
    "api": (False, NOTHING, frozenset({"deliveries"})),
    "attempt": (False, NOTHING, frozenset({"deliveries"})),
    "bury": (False, frozenset({"events", "notices"}), frozenset({"timers"})),
    "collect": (True, EVENTS_TOPIC, NOTHING),
    "console": (True, frozenset({"events", "notices"}), frozenset({"deliveries"})),
    "portal": (True, EVENTS_TOPIC, NOTHING),
    "reports": (False, NOTHING, NOTHING),
}
"""By reading their code: the cohort that was measured does not come by."""

DELETES_ELSEWHERE = {"deliver"}
"""Who asked to be erased did not come by either: `fulfil` destroys."""

LETTERS = {"dealer", "mail"}
READS = {
    "api": {"mail"},
    "attempt": {"mail"},
    "collect": {"forms"},
    "console": {"console", *LETTERS},
    "deliver": {"links", *LETTERS},
    "intake": {"forms", "sources"},
    "portal": {"links"},
    "reports": LETTERS,
    "sweep": {"forms", *LETTERS},
}
"""The secrets that a function has to know beside the key, which all of them need to start."""

BY_COMMANDS = {
    *(f"datastore.entities.{verb}" for verb in ("create", "delete", "get", "list", "update")),
    "roles/cloudtasks.enqueuer deliveries",
    "roles/iam.serviceAccountUser caller",
    "roles/monitoring.viewer",
    "roles/pubsub.publisher events",
    "roles/pubsub.publisher notices",
    "roles/serviceusage.serviceUsageConsumer",
}
"""What the commands of `sadari` use as whoever runs them.  No command sets a timer or publishes to partners' topics."""

BY_GCLOUD = {
    "functions describe": "cloudfunctions.functions.get",
    "logging read": "roles/logging.viewAccessor",
    "pubsub subscriptions describe": "pubsub.subscriptions.get",
    "run services list": "run.services.list",
    "scheduler jobs describe": "cloudscheduler.jobs.get",
    "scheduler jobs resume": "cloudscheduler.jobs.enable",
    "tasks queues describe": "cloudtasks.queues.get",
    "tasks queues resume": "cloudtasks.queues.resume",
}
"""What the commands of gcloud use that operators run on any day."""

NOT_ON_ANY_DAY = (
    *("auth ", "billing ", "projects ", "services "),
    *("firestore ", "storage ", "pubsub subscriptions modify", "pubsub subscriptions seek"),
    *("scheduler jobs pause", "tasks queues pause", "run services update", "secrets versions "),
)
"""How commands begin that need no right, or one that the pages tell to give for the hour."""

COMMAND = re.compile(r"(?:^|[`(])gcloud +([a-z-]+(?:\s+[a-z-]+){1,2})\b", re.MULTILINE)


@rule
def functions_may_do_what_they_do(applied: Applied) -> Iterator[str]:
    held = held_by_functions(applied)
    for name, needed in needed_by_functions().items():
        for what in sorted(needed - held.get(name, set())):
            yield f"{name} has no {what}"


@rule
def functions_may_do_nothing_else(applied: Applied) -> Iterator[str]:
    needed = needed_by_functions()
    for name, held in held_by_functions(applied).items():
        for what in sorted(held - needed.get(name, set())):
            yield f"{name} has {what} and no use for it"


@rule
def operators_may_run_what_the_pages_tell_them_to(applied: Applied) -> Iterator[str]:
    held = held_by(applied, "group:operators")[""]
    for command in commands_of_the_pages():
        if (right := BY_GCLOUD.get(command)) is None:
            yield f"nobody has said what [gcloud {command}] needs"
        elif right not in held:
            yield f"operators have no {right} for [gcloud {command}]"
    for what in sorted(BY_COMMANDS - held):
        yield f"operators have no {what}"
    for what in sorted(held - BY_COMMANDS - {*BY_GCLOUD.values()}):
        yield f"operators have {what} and no use for it"


def commands_of_the_pages() -> set[str]:
    """Give the commands of gcloud that operators run on any day, by their first words."""
    texts = [page.read_text(encoding="utf-8") for page in (ROOT / "docs/operate").glob("*.md")]
    found = [" ".join(words.split()) for text in texts for words in COMMAND.findall(text)]
    run = {each for each in found if not each.startswith(NOT_ON_ANY_DAY)}
    return {next((known for known in BY_GCLOUD if each.startswith(known)), each) for each in run}


def held_by_functions(applied: Applied) -> Mapping[str, set[str]]:
    """Give what each function may do."""
    return held_by(applied, "serviceAccount:fn-")


def held_by(applied: Applied, kind: str) -> Mapping[str, set[str]]:
    """Give what each of these may do: single permissions, and roles with the object that they are about."""
    verbs = {each.values["id"]: each.values["permissions"] for each in applied.of("project_iam_custom_role")}
    held: dict[str, set[str]] = {}
    for each in grants(applied):
        account = each.values["member"].partition("@")[0]
        if account.startswith(kind):
            rights = verbs.get(each.values["role"]) or [f"{each.values['role']} {object_of(each)}".strip()]
            held.setdefault(account.removeprefix(kind), set()).update(rights)
    return held


def needed_by_functions() -> Mapping[str, set[str]]:
    """Give what each function has to be allowed, in the same words."""
    found: dict[str, set[str]] = {}
    for name, (is_deleting, topics, queues) in {**done_in_a_cohort(), **DONE_ELSEWHERE}.items():
        needed = {f"datastore.entities.{verb}" for verb in ("create", "get", "list", "update")}
        needed |= {"datastore.entities.delete"} if is_deleting or name in DELETES_ELSEWHERE else set()
        needed |= {f"roles/pubsub.publisher {topic}" for topic in topics}
        needed |= {f"roles/cloudtasks.enqueuer {queue}" for queue in queues}
        needed |= {"roles/iam.serviceAccountUser caller"} if queues else set()
        found[name] = needed | {f"roles/secretmanager.secretAccessor {each}" for each in {"key", *READS.get(name, ())}}
    return found


def done_in_a_cohort() -> Mapping[str, Done]:
    """Give what the functions were measured to do while they carried the cohort of the demo."""
    functions = json.loads((ROOT / "functions/cost/recorded.json").read_text())["functions"]
    did = {name: each["counted"].keys() for name, each in functions.items()}
    wrong = {name for name, done in did.items() if "publishes" in done and not SENDS[name][0]}
    wrong |= {name for name, done in did.items() if "tasks" in done and not SENDS[name][1]}
    assert not wrong, f"{wrong} publish, or set alarms, to whom nobody has said"
    return {name: ("deletes" in done, *SENDS[name]) for name, done in did.items()}
