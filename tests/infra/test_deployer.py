"""Who deploys: nobody has a key, only jobs of one environment change anything, and plans see nothing that is kept."""

from collections.abc import Iterator

import pytest

from tests.infra.rules import RULES, grants
from tests.infra.terraform import SOURCE, Applied, Workspace

REPOSITORY = "example/sadari"
POOL = "principal{}://iam.googleapis.com/{}/"
KEPT = ("accessor", "admin", "editor", "owner", "dataviewer", "subscriber", "datastore.user", "datastore.viewer")
"""Parts of the names of roles that change something, or show what is kept."""


def applied_by(workspace: Workspace) -> Applied:
    return workspace.apply("bootstrap", project="sadari-prod", environment="prod", repository=REPOSITORY)


def faults(applied: Applied) -> Iterator[str]:
    for name in (
        "nobody_is_editor_or_owner",
        "everything_lies_in_the_region",
        "nothing_that_holds_data_goes_by_itself",
    ):
        yield from RULES[name](applied)
    (provider,) = applied.of("iam_workload_identity_pool_provider")
    (pool,) = applied.of("iam_workload_identity_pool")
    if provider.values["attribute_condition"] != f'assertion.repository == "{REPOSITORY}"':
        yield "another repository may sign in"
    if [each["issuer_uri"] for each in provider.values["oidc"]] != ["https://token.actions.githubusercontent.com"]:
        yield "somebody else than GitHub may sign in"
    signs_in = {
        each.values["service_account_id"].rpartition("/")[2].partition("@")[0]: each.values["member"]
        for each in applied.of("service_account_iam_member")
        if each.values["role"] == "roles/iam.workloadIdentityUser"
    }
    pool_name = pool.values["name"]
    if signs_in.get("deployer") != POOL.format("", pool_name) + f"subject/repo:{REPOSITORY}:environment:prod":
        yield "not only jobs of the environment prod deploy"
    if signs_in.get("planner") != POOL.format("Set", pool_name) + f"attribute.repository/{REPOSITORY}":
        yield "not only jobs of the repository plan"
    yield from plans_that_see_too_much(applied)


def plans_that_see_too_much(applied: Applied) -> Iterator[str]:
    verbs = {each.values["id"]: each.values["permissions"] for each in applied.of("project_iam_custom_role")}
    for each in grants(applied):
        if each.values["member"].startswith("serviceAccount:planner@"):
            role = each.values["role"]
            if any(part in role.lower() for part in KEPT):
                yield f"who plans has {role}"
            for permission in verbs.get(role, ()):
                if permission.rpartition(".")[2] not in {"get", "getMetadata", "list"} or ".entities." in permission:
                    yield f"who plans may {permission}"


@pytest.fixture
def clean(workspace: Workspace) -> Applied:
    return applied_by(workspace)


def test_github_signs_in_as_it_may_and_sees_what_it_should(clean: Applied) -> None:
    assert list(faults(clean)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"assertion.repository == \\"${var.repository}\\""', '"true"', "another repository may sign in"),
        ("token.actions.githubusercontent.com", "token.example.org", "somebody else than GitHub may sign in"),
        (":environment:${var.environment}", ":pull_request", "not only jobs of the environment prod deploy"),
        ('"roles/secretmanager.viewer"', '"roles/secretmanager.secretAccessor"', "who plans has roles/secretmanager"),
        ('"storage.objects.get"', '"storage.objects.create"', "who plans may storage.objects.create"),
        ('"roles/storage.admin"', '"roles/owner"', "gives roles/owner to"),
    ],
)
def test_a_fault_in_who_deploys_is_found(old: str, new: str, said: str, workspace: Workspace) -> None:
    workspace.replace("modules/deployer/main.tf", old, new)

    assert any(said in each for each in faults(applied_by(workspace)))


def test_nobody_has_a_key() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.tf"))

    assert "google_service_account_key" not in text
    assert "hmac_key" not in text


@pytest.mark.parametrize(
    "where", ["bootstrap/main.tf", "envs/dev/main.tf", "envs/staging/main.tf", "envs/prod/main.tf"]
)
def test_everything_that_is_made_is_labelled(where: str) -> None:
    labels = (SOURCE / where).read_text(encoding="utf-8").partition("default_labels = {")[2].partition("}")[0]

    assert {line.partition("=")[0].strip() for line in labels.strip().splitlines()} == {"environment", "system"}
