"""The whole system keeps the rules, and a fault that is put into it is found by the rule that is about it."""

import json
import re
from collections.abc import Callable

import pytest

from tests.infra import operating_rules, right_rules  # noqa: F401  they add their rules
from tests.infra.rules import RULES
from tests.infra.stand_in import SCHEMAS
from tests.infra.terraform import SOURCE, Applied, Workspace

PARTNER = """
provider "google" {}

module "partner" {
  source  = "../modules/partner"
  name    = "city"
  project = "sadari-prod"
  region  = "asia-northeast3"
  topic   = "projects/sadari-prod/topics/partner-events"
  filter  = "attributes.type = \\"OfferMade\\""
  members = ["group:data@city.example"]
}
"""

APP = "modules/app"
FAULTS = {
    "functions_are_those_of_main": (
        "functions.tf", "entry_point       = each.key", 'entry_point = each.key == "collect" ? "advance" : each.key',
        "collect runs another function",
    ),
    "functions_start_with_what_they_are_given": (
        "functions.tf", "SADARI_CERTS_URL ", "SADARI_CERT_URL ",
        "portal would not start: SADARI_CERTS_URL is missing; SADARI_CERT_URL is unknown",
    ),
    "every_setting_is_given_to_some_function": (
        "functions.tf", "{ SADARI_IAM = ", "{ K_IAM = ", "SADARI_IAM is given to nobody",
    ),
    "functions_have_accounts_of_their_own": (
        "functions.tf", "google_service_account.function[each.key].email",
        'google_service_account.function[each.key == "ring" ? "sweep" : each.key].email',
        "ring has no account of its own",
    ),
    "topics_are_those_of_the_code": (
        "pubsub.tf", "    notices        = 7", "    notices        = 7\n    spare = 1",
        "the topic spare is in the code or in Terraform, not in both",
    ),
    "topics_are_pushed_to_their_functions": (
        "pubsub.tf", "audience              = local.urls[each.key]", 'audience = "https://x.example"',
        "deliver would not take the token that notices is pushed with",
    ),
    "subscriptions_retry_dead_letter_and_never_expire": (
        "pubsub.tf", 'for_each = each.value == "dead-letters" ?',
        'for_each = contains(["forms", "dead-letters"], each.value) ?',
        "forms-collect has no dead letters",
    ),
    "pubsub_may_forward_dead_letters": (
        "iam.tf", "member       = local.pubsub_agent", 'member = "group:x@example.org"',
        "Pub/Sub may not forward the dead letters of events-advance",
    ),
    "queues_are_those_of_the_code": (
        "tasks.tf", "    timers     =", "    spare = { at_once = 1, per_second = 1, tried_for = 1 }\n    timers     =",
        "queues/spare is in the settings or in Terraform, not in both",
    ),
    "secrets_are_read_by_those_who_are_given_them": (
        "secrets.tf", "secret_id = google_secret_manager_secret.secret[each.value.secret].secret_id",
        'secret_id = "key"',
        "fn-console@sadari-prod.iam.gserviceaccount.com is given the secret console, or may read it, not both",
    ),
    "functions_may_do_what_they_do": (
        "iam.tf", 'sweep   = { documents = "all"', 'sweep = { documents = "kept"',
        "sweep has no datastore.entities.delete",
    ),
    "functions_may_do_nothing_else": (
        "iam.tf", '["events"], secrets = ["key", "links"]', '["events", "notices"], secrets = ["key", "links"]',
        "portal has roles/pubsub.publisher notices and no use for it",
    ),
    "operators_may_run_what_the_pages_tell_them_to": (
        "iam.tf", '    "cloudtasks.queues.resume",\n', "",
        "operators have no cloudtasks.queues.resume for [gcloud tasks queues resume]",
    ),
    "nobody_is_editor_or_owner": ("iam.tf", '"roles/logging.logWriter"', '"roles/editor"', "gives roles/editor to"),
    "the_internet_calls_only_what_knows_its_callers": (
        "iam.tf", "for_each = local.public", 'for_each = setunion(local.public, ["advance"])',
        "everybody may call advance",
    ),
    "the_caller_calls_what_is_not_open": (
        "iam.tf", "for_each = local.called", "for_each = local.pushed", "sweep is called by Pub/Sub",
    ),
    "functions_are_reached_by_those_who_call_them": (
        "functions.tf", '? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"', '? "ALLOW_INTERNAL_ONLY" : "ALLOW_ALL"',
        "portal is open where it should be shut, or shut where it should be open",
    ),
    "everything_lies_in_the_region": (
        "tasks.tf", "location = var.region", 'location = "us-central1"', "lies in us-central1",
    ),
    "documents_are_backed_up_and_cannot_be_lost": (
        "firestore.tf", '"POINT_IN_TIME_RECOVERY_ENABLED"', '"POINT_IN_TIME_RECOVERY_DISABLED"',
        "the database has no point_in_time_recovery_enablement POINT_IN_TIME_RECOVERY_ENABLED",
    ),
    "nothing_that_holds_data_goes_by_itself": (
        "secrets.tf", "deletion_protection = var.is_protected", "deletion_protection = false",
        "the secret key can be deleted",
    ),
    "who_read_what_is_kept_for_two_years": (
        "logging.tf", "locked         = var.access_log.locked", "locked = false",
        "the access log is kept for less than two years, or can be shortened",
    ),
    "logs_hold_no_links_and_operators_no_access_log": (
        "logging.tf", 'resource.labels.service_name=\\"portal\\" OR ', "",
        "addresses with the links of letters are kept",
    ),
    "people_who_go_past_the_functions_leave_a_trace": (
        "logging.tf", 'audited = ["datastore.googleapis.com", ', 'audited = ["firestore.googleapis.com", ',
        "the audit log of firestore.googleapis.com is not kept, or cannot be",
    ),
    "alerts_hear_what_the_code_tells": (
        "monitoring.tf", 'jsonPayload.event=\\"chain_broken\\"', 'jsonPayload.event=\\"chain_torn\\"',
        "the metric chain_broken counts chain_torn, which the code never tells",
    ),
    "browsers_reach_no_document": (
        "firestore.rules", "if false", "if true", "the rules allow something, or are not released",
    ),
    "everything_that_is_not_open_is_called_by_something": (
        "scheduler.tf", "for_each = local.scheduled", "for_each = {}", "nothing calls sweep",
    ),
    "what_has_ended_goes_by_itself": (
        "firestore.tf", 'sessions = "ends_at"', 'sessions = "end_at"',
        "sessions go by ends_at in the code or in Terraform, not in both",
    ),
    "every_api_that_is_used_is_enabled": (
        "project.tf", '"cloudtasks.googleapis.com",', "",
        "google_cloud_tasks_queue is made by an API that is not enabled",
    ),
    "the_builder_reads_what_is_staged_and_writes_images_and_no_more": (
        "bundle.tf", '"roles/artifactregistry.writer"', '"roles/artifactregistry.admin"',
        "the builder has roles/artifactregistry.writer or needs it, not both",
    ),
    "google_forms_may_publish_where_it_is_heard": (
        "iam.tf", 'topic["forms"].name', 'topic["events"].name',
        "Google Forms may publish to ['events'], not to forms alone",
    ),
    "what_the_functions_say_stays_in_the_region_and_goes": (
        "logging.tf", "retention_days = 90", "retention_days = 30",
        "what the functions say is kept for 30 days, not for 90",
    ),
    "whoever_is_open_is_asked_whether_it_is_ready": (
        "monitoring.tf", 'path         = "/health/ready"', 'path = "/healthz"',
        "console is asked at /healthz whether it is ready",
    ),
    "a_dashboard_shows_what_alerts_are_about": (
        "monitoring.tf", "cloudtasks.googleapis.com/queue/depth", "cloudtasks.googleapis.com/queue/task_count",
        "no dashboard draws queue/depth",
    ),
    "people_hear_of_a_dear_month_before_it_is_over": (
        "budget.tf", '"FORECASTED_SPEND"', '"CURRENT_SPEND"', "nobody hears of the budget before it is spent",
    ),
}  # fmt: skip
"""By rule: a text of a file of modules/app, what it is replaced by, and what the rule then says."""


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory, served: str, in_full: Callable[..., Applied]) -> Applied:
    """Everything with every fault in it: each must be heard through the noise of the others."""
    workspace = Workspace(tmp_path_factory.mktemp("torn"), served)
    for path, old, new, _ in FAULTS.values():
        workspace.replace(f"{APP}/{path}", old, new)
    return in_full(workspace, "envs/prod")


@pytest.mark.parametrize("name", RULES)
def test_the_whole_system_keeps_the_rule(name: str, prod: Applied) -> None:
    assert list(RULES[name](prod)) == []


@pytest.mark.parametrize("name", RULES)
def test_a_fault_is_found_by_the_rule_about_it(name: str, torn: Applied) -> None:
    *_, said = FAULTS[name]

    found = list(RULES[name](torn))

    assert any(said in each for each in found), found


@pytest.mark.parametrize("where", ["envs/dev", "envs/staging"])
def test_other_environments_differ_only_in_what_protects_data(
    where: str, workspace: Workspace, in_full: Callable[..., Applied]
) -> None:
    applied = in_full(workspace, where)

    broken = {name for name, check in RULES.items() if list(check(applied))}

    assert broken <= {
        "documents_are_backed_up_and_cannot_be_lost",
        "nothing_that_holds_data_goes_by_itself",
        "who_read_what_is_kept_for_two_years",
    }


def test_what_was_applied_needs_no_change(workspace: Workspace, in_full: Callable[..., Applied]) -> None:
    in_full(workspace, "envs/prod")

    again = workspace.plan_again("envs/prod")

    assert "No changes." in again


def test_a_partner_has_a_filtered_subscription_that_loses_nothing(workspace: Workspace) -> None:
    root = workspace.folder / "partner"
    root.mkdir()
    (root / "main.tf").write_text(PARTNER)

    applied = workspace.apply("partner")

    assert list(RULES["subscriptions_retry_dead_letter_and_never_expire"](applied)) == []
    assert list(RULES["pubsub_may_forward_dead_letters"](applied)) == []
    assert {each.values["filter"] for each in applied.of("pubsub_subscription")} == {
        'attributes.type = "OfferMade"',
        None,
    }
    assert {each.values["role"] for each in applied.of("pubsub_subscription_iam_member")} == {"roles/pubsub.subscriber"}


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("pubsub.tf", "ack_deadline_seconds ", "ack_deadline_second ", "Unsupported argument"),
        ("pubsub.tf", "retry_policy {", "retry_policies {", "Unsupported block type"),
        ("firestore.tf", "location_id = var.region\n", "", "Missing required argument"),
        ("tasks.tf", 'resource "google_cloud_tasks_queue" ', 'resource "google_task_queue" ', "Invalid resource type"),
        ("tasks.tf", "max_attempts       = -1", "max_attempts       = [1]", "Incorrect attribute value type"),
        ("iam.tf", "_account.caller.member", "_account.caller.mail", "Unsupported attribute"),
        ("functions.tf", "var.region", "var.regions", "Reference to undeclared input variable"),
    ],
)  # fmt: skip
def test_terraform_refuses_what_the_provider_does_not_know(
    path: str, old: str, new: str, said: str, workspace: Workspace
) -> None:
    workspace.replace(f"{APP}/{path}", old, new)

    found = workspace.validate("envs/prod")

    assert any(each.startswith(said) for each in found), found


def test_alerts_are_made_last_as_a_metric_that_was_just_made_is_not_known_to_them() -> None:
    text = (SOURCE / APP / "monitoring.tf").read_text()

    made = re.findall(r'^resource "google_monitoring_alert_policy" "(\w+)" {\n(.*?)^}', text, re.MULTILINE | re.DOTALL)
    late = {name for name, block in made if "google_cloudfunctions2_function.function, google_logging_metric" in block}

    assert {name for name, block in made if "local.thresholds" in block} == late


def test_the_providers_are_pinned_to_the_versions_of_the_schemas() -> None:
    text = "".join(path.read_text() for path in SOURCE.rglob("*.tf"))

    pinned = set(re.findall(r'source += "hashicorp/(\w+)"\s+version = "([^"]+)"', text))

    assert pinned == {(path.stem, json.loads(path.read_text())["version"]) for path in SCHEMAS.glob("*.json")}
