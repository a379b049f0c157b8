"""What has to hold of the whole system as Terraform makes it; each rule names everything that breaks it."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from functions.observe.events import EVENTS
from functions.settings import NEEDED, NEEDED_ON_GOOGLE, OPTIONAL, Settings, SettingsError
from functions.stack.local_stack import PARTNER_EVENTS, PUSHED
from tests.infra.terraform import ROOT, Applied, Resource

AUDITED = {"datastore.googleapis.com", "secretmanager.googleapis.com"}
"""By the names that an audit can be set up for: Firestore has none of its own."""

REGION = "asia-northeast3"
HOUR = 60 * 60
DAY = 24 * HOUR
YEARS_2 = 731
OPEN = {
    "api": "partners call it with keys of their own",
    "console": "staff sign in at their issuer",
    "intake": "forms and those who sign what they send",
    "portal": "applicants and learners have signed links",
    "reports": "dealers of messages sign what they send",
}
"""What the internet may call, and how it knows its callers."""

SECRETS = {
    "SADARI_CONSOLE": {"url": "https://c.example", "issuer": "https://i.example", "client": "c", "secret": "s"},
    "SADARI_DEALER": {
        "url": "https://d.example", "key": "k", "profile": "p", "phone": "+8262", "secret": "whsec_" + "MTIz" * 8,
    },
    "SADARI_FORMS": {},
    "SADARI_LINKS": "a" * 64,
    "SADARI_MAIL": {
        "host": "m.example", "port": 587, "security": "tls", "user": "u", "password": "p", "from": "a@m.example",
    },
}  # fmt: skip
"""What whoever deploys fills in by hand, by example."""

MADE_UP = {"SADARI_KEY": "a" * 64, "SADARI_SOURCES": "{}"}
"""What Terraform fills in at first."""

Rule = Callable[[Applied], Iterator[str]]
RULES: dict[str, Rule] = {}


def rule(check: Rule) -> Rule:
    RULES[check.__name__] = check
    return check


def seconds(text: str | None) -> float:
    return float((text or "0s").removesuffix("s"))


def service(function: Resource) -> dict[str, Any]:
    config: dict[str, Any] = function.values["service_config"][0]
    return config


def named(resources: list[Resource]) -> set[str]:
    return {each.values["name"] for each in resources}


@rule
def functions_are_those_of_main(applied: Applied) -> Iterator[str]:
    tree = ast.parse((ROOT / "functions/main.py").read_text())
    ours = {each.name for each in tree.body if isinstance(each, ast.FunctionDef) and each.name[0] != "_"}
    for name in ours ^ set(applied.functions):
        yield f"{name} is in functions/main.py or in Terraform, not in both"
    for name, each in applied.functions.items():
        if each.values["build_config"][0]["entry_point"] != name:
            yield f"{name} runs another function"


@rule
def functions_start_with_what_they_are_given(applied: Applied) -> Iterator[str]:
    for name, each in applied.functions.items():
        given = dict(service(each)["environment_variables"] or {})
        secret = {one["key"] for one in service(each)["secret_environment_variables"]}
        examples = {key: each if isinstance(each, str) else json.dumps(each) for key, each in SECRETS.items()}
        given |= {key: (examples | MADE_UP).get(key, "") for key in secret} | {"K_SERVICE": name}
        try:
            Settings.from_env(given)
        except SettingsError as error:
            yield f"{name} would not start: {error}"


@rule
def every_setting_is_given_to_some_function(applied: Applied) -> Iterator[str]:
    given = {
        key
        for each in applied.functions.values()
        for key in (
            *(service(each)["environment_variables"] or {}),
            *(one["key"] for one in service(each)["secret_environment_variables"]),
        )
    }
    # A database of another name is only named after a restore, and spans are only sent where somebody wants them.
    named = {f"SADARI_{name}" for name in (*NEEDED, *NEEDED_ON_GOOGLE, *OPTIONAL)}
    for key in named - given - {"SADARI_DATABASE", "SADARI_TRACES"}:
        yield f"{key} is given to nobody"


@rule
def functions_have_accounts_of_their_own(applied: Applied) -> Iterator[str]:
    accounts = [service(each)["service_account_email"] for each in applied.functions.values()]
    made = {each.values["email"] for each in applied.of("service_account")}
    for name, each in applied.functions.items():
        account = service(each)["service_account_email"]
        if accounts.count(account) > 1 or account not in made:
            yield f"{name} has no account of its own"


@rule
def topics_are_those_of_the_code(applied: Applied) -> Iterator[str]:
    ours = {*PUSHED, PARTNER_EVENTS.rsplit("/", 1)[1]}
    for name in ours ^ named(applied.of("pubsub_topic")):
        yield f"the topic {name} is in the code or in Terraform, not in both"
    for each in applied.of("pubsub_topic"):
        if seconds(each.values["message_retention_duration"]) < 7 * DAY:
            yield f"the topic {each.values['name']} keeps what was published for less than 7 days"


@rule
def topics_are_pushed_to_their_functions(applied: Applied) -> Iterator[str]:
    by_topic = {each.values["topic"].rsplit("/", 1)[1]: each for each in applied.of("pubsub_subscription")}
    for topic, function in PUSHED.items():
        if topic not in by_topic:
            yield f"nobody hears {topic}"
            continue
        push = by_topic[topic].values["push_config"][0]
        given = service(applied.functions[function])["environment_variables"] if function in applied.functions else {}
        tokens = [(one["audience"], one["service_account_email"]) for one in push["oidc_token"]]
        if tokens != [(given.get("SADARI_AUDIENCE"), given.get("SADARI_CALLER"))]:
            yield f"{function} would not take the token that {topic} is pushed with"
        if push["push_endpoint"] != given.get("SADARI_AUDIENCE"):
            yield f"{topic} is not pushed to {function}"


@rule
def subscriptions_retry_dead_letter_and_never_expire(applied: Applied) -> Iterator[str]:
    heard = {each.values["topic"] for each in applied.of("pubsub_subscription")}
    buried = {
        policy["dead_letter_topic"]
        for each in applied.of("pubsub_subscription")
        for policy in each.values["dead_letter_policy"]
    }
    for each in applied.of("pubsub_subscription"):
        name, values = each.values["name"], each.values
        if not values["retry_policy"]:
            yield f"{name} has no retry policy"
        if [one["ttl"] for one in values["expiration_policy"]] != [""]:
            yield f"{name} expires"
        if seconds(values["message_retention_duration"]) < 7 * DAY or values["ack_deadline_seconds"] != 600:
            yield f"{name} keeps messages for less than 7 days, or waits for an answer for another time than 600 s"
        dead = [one["dead_letter_topic"] for one in values["dead_letter_policy"]]
        if values["topic"] in buried:
            if dead:
                yield f"{name} hears dead letters and dead-letters them"
        elif len(dead) != 1:
            yield f"{name} has no dead letters"
        elif dead[0] not in heard:
            yield f"nobody hears the dead letters of {name}"


@rule
def pubsub_may_forward_dead_letters(applied: Applied) -> Iterator[str]:
    agent = "gcp-sa-pubsub.iam.gserviceaccount.com"
    publishes = {
        each.values["topic"]
        for each in applied.of("pubsub_topic_iam_member")
        if each.values["role"] == "roles/pubsub.publisher" and each.values["member"].endswith(agent)
    }
    takes = {
        each.values["subscription"]
        for each in applied.of("pubsub_subscription_iam_member")
        if each.values["role"] == "roles/pubsub.subscriber" and each.values["member"].endswith(agent)
    }
    for each in applied.of("pubsub_subscription"):
        for policy in each.values["dead_letter_policy"]:
            if policy["dead_letter_topic"].rsplit("/", 1)[1] not in publishes or each.values["name"] not in takes:
                yield f"Pub/Sub may not forward the dead letters of {each.values['name']}"


@rule
def queues_are_those_of_the_code(applied: Applied) -> Iterator[str]:
    asked = set()
    for each in applied.functions.values():
        given = service(each)["environment_variables"]
        asked.add(given.get("SADARI_QUEUE"))
        if "SADARI_PARTNERS" in given:
            partners = json.loads(given["SADARI_PARTNERS"])
            asked.add(partners["queue"])
            if partners["topic"] not in {one.values["id"] for one in applied.of("pubsub_topic")}:
                yield f"{each.values['name']} tells partners by a topic that there is not"
    for queue in asked ^ {each.values["id"] for each in applied.of("cloud_tasks_queue")}:
        yield f"the queue {queue} is in the settings or in Terraform, not in both"
    for each in applied.of("cloud_tasks_queue"):
        tries = [(one["max_attempts"], seconds(one["max_retry_duration"])) for one in each.values["retry_config"]]
        if [many for many, _ in tries] != [-1] or tries[0][1] < HOUR or not each.values["rate_limits"]:
            yield f"the queue {each.values['name']} has no rate, or gives up within an hour"


@rule
def secrets_are_read_by_those_who_are_given_them(applied: Applied) -> Iterator[str]:
    given = {
        (service(each)["service_account_email"], one["secret"])
        for each in applied.functions.values()
        for one in service(each)["secret_environment_variables"]
    }
    allowed = {
        (each.values["member"].removeprefix("serviceAccount:"), each.values["secret_id"])
        for each in applied.of("secret_manager_secret_iam_member")
        if each.values["role"] == "roles/secretmanager.secretAccessor"
    }
    for account, secret in given ^ allowed:
        yield f"{account} is given the secret {secret}, or may read it, not both"
    for secret in {each.values["secret_id"] for each in applied.of("secret_manager_secret")} ^ {
        one for _, one in given
    }:
        yield f"the secret {secret} is kept or given, not both"


def grants(applied: Applied) -> list[Resource]:
    return [each for each in applied.resources if "member" in each.values and "role" in each.values]


def object_of(grant: Resource) -> str:
    """Name what a right is about: a topic, queue, secret, or account by its first part; nothing for the project."""
    if "service_account_id" in grant.values:
        return str(grant.values["service_account_id"]).rpartition("/")[2].partition("@")[0]
    return str(grant.values.get("topic") or grant.values.get("secret_id") or grant.values.get("name") or "")


@rule
def nobody_is_editor_or_owner(applied: Applied) -> Iterator[str]:
    for each in grants(applied):
        if each.values["role"] in {"roles/editor", "roles/owner", "roles/viewer"}:
            yield f"{each.address} gives {each.values['role']} to {each.values['member']}"


@rule
def the_internet_calls_only_what_knows_its_callers(applied: Applied) -> Iterator[str]:
    opened = {
        each.values["name"]
        for each in grants(applied)
        if each.values["member"] in {"allUsers", "allAuthenticatedUsers"}
    }
    elsewhere = [
        each
        for each in grants(applied)
        if each.values["member"] in {"allUsers", "allAuthenticatedUsers"}
        and each.type != "google_cloud_run_v2_service_iam_member"
    ]
    yield from (f"{each.address} is open to everybody" for each in elsewhere)
    yield from (f"everybody may call {name}" for name in opened - set(OPEN))
    yield from (f"nobody outside may call {name}: {OPEN[name]}" for name in set(OPEN) - opened)


@rule
def the_caller_calls_what_is_not_open(applied: Applied) -> Iterator[str]:
    called = {
        each.values["name"]
        for each in applied.of("cloud_run_v2_service_iam_member")
        if each.values["member"].startswith("serviceAccount:caller@") and each.values["role"] == "roles/run.invoker"
    }
    for name in called ^ (set(applied.functions) - set(OPEN)):
        yield f"{name} is called by Pub/Sub, Cloud Tasks or Cloud Scheduler, or is not open: not both"


@rule
def functions_are_reached_by_those_who_call_them(applied: Applied) -> Iterator[str]:
    for name, each in applied.functions.items():
        config, given = service(each), service(each)["environment_variables"]
        if config["ingress_settings"] != ("ALLOW_ALL" if name in OPEN else "ALLOW_INTERNAL_ONLY"):
            yield f"{name} is open where it should be shut, or shut where it should be open"
        if ("SADARI_IAM" in given) != (name not in OPEN):
            yield f"{name} looks for a signature that Cloud Run has taken off, or believes one that nobody has checked"
        if str(config["max_instance_request_concurrency"]) != given["THREADS"]:
            yield f"{name} is sent more requests than it has threads, or fewer"
    for job in applied.of("cloud_scheduler_job"):
        config = service(applied.functions[job.values["name"]])
        (target,) = job.values["http_target"]
        tokens = [(one["audience"], one["service_account_email"]) for one in target["oidc_token"]]
        given = config["environment_variables"]
        if target["uri"] != given["SADARI_AUDIENCE"] or tokens != [(given["SADARI_AUDIENCE"], given["SADARI_CALLER"])]:
            yield f"{job.values['name']} would not take the call of the schedule"
        if seconds(job.values["attempt_deadline"]) < config["timeout_seconds"]:
            yield f"the schedule does not wait for {job.values['name']} to end"
    signs = {
        (object_of(each), each.values["role"])
        for each in applied.of("service_account_iam_member")
        if each.values["member"].endswith("@gcp-sa-pubsub.iam.gserviceaccount.com")
    }
    if ("caller", "roles/iam.serviceAccountOpenIdTokenCreator") not in signs:
        yield "Pub/Sub cannot sign in as the caller"


@rule
def everything_lies_in_the_region(applied: Applied) -> Iterator[str]:
    for each in applied.resources:
        for name in ("location", "location_id", "region"):
            if each.values.get(name) not in {None, REGION}:
                yield f"{each.address} lies in {each.values[name]}"


@rule
def documents_are_backed_up_and_cannot_be_lost(applied: Applied) -> Iterator[str]:
    (database,) = applied.of("firestore_database")
    wanted = {
        "type": "FIRESTORE_NATIVE",
        "delete_protection_state": "DELETE_PROTECTION_ENABLED",
        "point_in_time_recovery_enablement": "POINT_IN_TIME_RECOVERY_ENABLED",
        "deletion_policy": "ABANDON",
    }
    yield from (
        f"the database has no {name} {value}" for name, value in wanted.items() if database.values[name] != value
    )
    backups = applied.of("firestore_backup_schedule")
    for kind in ("daily_recurrence", "weekly_recurrence"):
        if not any(each.values[kind] for each in backups):
            yield f"there is no backup by {kind}"
    for each in backups:
        if not 7 * DAY <= seconds(each.values["retention"]) <= 35 * DAY:
            yield f"{each.address} is kept for too short a time, or longer than who was erased may be kept"


@rule
def nothing_that_holds_data_goes_by_itself(applied: Applied) -> Iterator[str]:
    for each in applied.of("secret_manager_secret"):
        if each.values["deletion_protection"] is not True:
            yield f"the secret {each.values['secret_id']} can be deleted"
    for each in applied.of("storage_bucket"):
        if each.values["force_destroy"] or each.values["public_access_prevention"] != "enforced":
            yield f"the bucket {each.values['name']} can be emptied, or opened"


@rule
def who_read_what_is_kept_for_two_years(applied: Applied) -> Iterator[str]:
    buckets = {each.values["bucket_id"]: each.values for each in applied.of("logging_project_bucket_config")}
    access = buckets.get("access", {"retention_days": 0, "locked": False})
    if access["retention_days"] < YEARS_2 or access["locked"] is not True:
        yield "the access log is kept for less than two years, or can be shortened"
    sinks = [
        each for each in applied.of("logging_project_sink") if each.values["destination"].endswith("/buckets/access")
    ]
    if not any("accessed" in each.values["filter"] for each in sinks):
        yield "nothing is written to the access log"


@rule
def logs_hold_no_links_and_operators_no_access_log(applied: Applied) -> Iterator[str]:
    (kept,) = (
        each.values["filter"] for each in applied.of("logging_project_sink") if each.values["name"] == "functions"
    )
    if 'service_name="portal" OR httpRequest.requestUrl:"?"' not in kept.partition("AND NOT (")[2]:
        yield "addresses with the links of letters are kept"
    if 'AND NOT jsonPayload.event="accessed"' not in kept:
        yield "operators can read who read what"


@rule
def people_who_go_past_the_functions_leave_a_trace(applied: Applied) -> Iterator[str]:
    audited = {
        each.values["service"]: {one["log_type"] for one in each.values["audit_log_config"]}
        for each in applied.of("project_iam_audit_config")
    }
    for service_name in AUDITED ^ audited.keys():
        yield f"the audit log of {service_name} is not kept, or cannot be"
    for name, kinds in audited.items():
        if kinds != {"DATA_READ", "DATA_WRITE"}:
            yield f"the audit log of {name} does not say who reads and writes"


@rule
def alerts_hear_what_the_code_tells(applied: Applied) -> Iterator[str]:
    told = {each.values["name"] for each in applied.of("logging_metric")}
    policies = {each.values["display_name"]: json.dumps(each.values) for each in applied.of("monitoring_alert_policy")}
    heard = {name for text in policies.values() for name in re.findall(r"logging\.googleapis\.com/user/(\w+)", text)}
    yield from (f"the metric {name} is made or watched, not both" for name in told ^ heard)
    for each in applied.of("logging_metric"):
        for event in re.findall(r'jsonPayload\.event="(\w+)"', each.values["filter"]):
            if event not in EVENTS:
                yield f"the metric {each.values['name']} counts {event}, which the code never tells"
    watched = ("dead_letter_message_count", "oldest_unacked_message_age", "user/chain_broken", "user/overdue", "5xx")
    for metric in watched:
        if not any(metric in text for text in policies.values()):
            yield f"nobody is told of {metric}"
    for each in applied.of("monitoring_alert_policy"):
        if not each.values["notification_channels"]:
            yield f"nobody hears of: {each.values['display_name']}"


@rule
def browsers_reach_no_document(applied: Applied) -> Iterator[str]:
    texts = [
        one["content"]
        for each in applied.of("firebaserules_ruleset")
        for source in each.values["source"]
        for one in source["files"]
    ]
    allowed = [line.strip() for text in texts for line in text.splitlines() if line.strip().startswith("allow")]
    if allowed != ["allow read, write: if false;"] or not applied.of("firebaserules_release"):
        yield "the rules allow something, or are not released"
