"""What has to hold of the whole system so that it runs by itself, is seen, and can be paid; as in `rules`."""

import json
from collections.abc import Iterator
from typing import Any

from functions.stack.local_stack import PUSHED
from tests.infra.rules import OPEN, grants, rule, service
from tests.infra.terraform import Applied, Resource

ENDS = {("drafts", "erase_on"), ("sessions", "ends_at")}
"""The instants by which documents go by themselves, as the adapters write them."""

GOOGLE_FORMS = "serviceAccount:forms-notifications@system.gserviceaccount.com"
APIS = {
    "google_artifact_registry": "artifactregistry",
    "google_billing": "billingbudgets",
    "google_cloud_run": "run",
    "google_cloud_scheduler": "cloudscheduler",
    "google_cloud_tasks": "cloudtasks",
    "google_cloudfunctions2": "cloudfunctions",
    "google_firebaserules": "firebaserules",
    "google_firestore": "firestore",
    "google_logging": "logging",
    "google_monitoring": "monitoring",
    "google_project": "cloudresourcemanager",
    "google_project_iam_custom_role": "iam",
    "google_pubsub": "pubsub",
    "google_secret_manager": "secretmanager",
    "google_service_account": "iam",
    "google_storage": "storage",
}
"""By how the type of a resource begins, the API that makes it."""

BUILDS = {"roles/artifactregistry.writer", "roles/logging.logWriter", "roles/storage.objectViewer"}
"""What the builder may: read what is staged and copied, write images, and say how it went."""

DAYS_OF_LOGS = 90
SHOWN = (
    *("run.googleapis.com/request_count", "run.googleapis.com/request_latencies"),
    *("subscription/oldest_unacked_message_age", "subscription/num_undelivered_messages", "queue/depth"),
    *("document/read_count", "document/write_count"),
)
"""The metrics that the dashboard draws."""


@rule
def everything_that_is_not_open_is_called_by_something(applied: Applied) -> Iterator[str]:
    given = [service(each)["environment_variables"] for each in applied.functions.values()]
    asked = {one["SADARI_RING_URL"] for one in given}
    asked |= {json.loads(one["SADARI_PARTNERS"])["attempt_url"] for one in given if "SADARI_PARTNERS" in one}
    by_url = {
        service(each)["environment_variables"]["SADARI_AUDIENCE"]: name for name, each in applied.functions.items()
    }
    called = {*PUSHED.values(), *(by_url.get(url, "") for url in asked)}
    called |= {each.values["name"] for each in applied.of("cloud_scheduler_job")}
    for name in set(applied.functions) - set(OPEN) - called:
        yield f"nothing calls {name}"
    for each in applied.of("cloud_scheduler_job"):
        if not any(one["retry_count"] for one in each.values["retry_config"]):
            yield f"{each.values['name']} is not called again where the call of its schedule fails"


@rule
def what_has_ended_goes_by_itself(applied: Applied) -> Iterator[str]:
    going = {
        (each.values["collection"], each.values["field"])
        for each in applied.of("firestore_field")
        if each.values["ttl_config"]
    }
    for collection, field in ENDS ^ going:
        yield f"{collection} go by {field} in the code or in Terraform, not in both"


@rule
def every_api_that_is_used_is_enabled(applied: Applied) -> Iterator[str]:
    enabled = {each.values["service"].partition(".")[0] for each in applied.of("project_service")}
    for each in applied.resources:
        begins = [prefix for prefix in APIS if each.type.startswith(prefix)]
        if each.type.startswith("google_") and (not begins or APIS[max(begins, key=len)] not in enabled):
            yield f"{each.type} is made by an API that is not enabled"
    for name in {"cloudbuild", "forms"} - enabled:
        yield f"{name} is not enabled"


@rule
def the_builder_reads_what_is_staged_and_writes_images_and_no_more(applied: Applied) -> Iterator[str]:
    held = {
        each.values["role"] for each in grants(applied) if each.values["member"].startswith("serviceAccount:builder@")
    }
    for what in BUILDS ^ held:
        yield f"the builder has {what} or needs it, not both"


@rule
def google_forms_may_publish_where_it_is_heard(applied: Applied) -> Iterator[str]:
    topics = {each.values["topic"] for each in grants(applied) if each.values["member"] == GOOGLE_FORMS}
    if topics != {"forms"}:
        yield f"Google Forms may publish to {sorted(topics)}, not to forms alone"


@rule
def what_the_functions_say_stays_in_the_region_and_goes(applied: Applied) -> Iterator[str]:
    for each in applied.of("logging_project_bucket_config"):
        if each.values["bucket_id"] == "functions" and each.values["retention_days"] != DAYS_OF_LOGS:
            yield f"what the functions say is kept for {each.values['retention_days']} days, not for {DAYS_OF_LOGS}"
    left_out = " ".join(each.values["filter"] for each in applied.of("logging_project_exclusion"))
    for name in applied.functions:
        if f'"{name}"' not in left_out:
            yield f"what {name} says also lies in the default bucket, outside of the region"


@rule
def whoever_is_open_is_asked_whether_it_is_ready(applied: Applied) -> Iterator[str]:
    asked: dict[str, str] = {
        each.values["display_name"]: each.values["http_check"][0]["path"]
        for each in applied.of("monitoring_uptime_check_config")
    }
    for name in set(OPEN) - {"reports"}:
        if asked.get(name) != "/health/ready":
            yield f"{name} is asked at {asked.get(name, 'no address')} whether it is ready"
    conditions = [one for each in applied.of("monitoring_alert_policy") for one in each.values["conditions"]]
    if not any("check_passed" in json.dumps(each) for each in conditions):
        yield "nobody is told when it does not answer"
    if not any(
        'service_name="sweep"' in absent["filter"] for each in conditions for absent in each["condition_absent"]
    ):
        yield "nobody is told when nothing is swept"


@rule
def a_dashboard_shows_what_alerts_are_about(applied: Applied) -> Iterator[str]:
    drawn = " ".join(filter_ for each in applied.of("monitoring_dashboard") for filter_ in filters_of(each))
    for metric in SHOWN:
        if f'{metric}"' not in drawn:
            yield f"no dashboard draws {metric}"


def filters_of(dashboard: Resource) -> Iterator[str]:
    tiles: list[dict[str, Any]] = json.loads(dashboard.values["dashboard_json"])["mosaicLayout"]["tiles"]
    for tile in tiles:
        for each in tile["widget"]["xyChart"]["dataSets"]:
            yield each["timeSeriesQuery"]["timeSeriesFilter"]["filter"]


@rule
def people_hear_of_a_dear_month_before_it_is_over(applied: Applied) -> Iterator[str]:
    for each in applied.of("billing_budget"):
        shares = [one["threshold_percent"] for one in each.values["threshold_rules"]]
        if min(shares) >= 1 or "FORECASTED_SPEND" not in {one["spend_basis"] for one in each.values["threshold_rules"]}:
            yield "nobody hears of the budget before it is spent"
        if not each.values["all_updates_rule"][0]["monitoring_notification_channels"]:
            yield "nobody hears of the budget"
    if not applied.of("billing_budget"):
        yield "there is no budget"
