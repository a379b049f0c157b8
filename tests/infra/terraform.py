"""Runs the real `terraform` on a copy of infra/terraform, with the stand-ins in the providers' place."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "infra/terraform"
ENVIRONMENTS = ("dev", "staging", "prod")

LOCAL = 'terraform {\n  backend "local" {}\n}\n'
"""State lies beside the copy instead of in a bucket."""


def folders() -> list[str]:
    """Every folder that Terraform is run in, or that such a folder calls."""
    return sorted(
        {str(path.parent.relative_to(SOURCE)) for path in SOURCE.rglob("*.tf") if ".terraform" not in path.parts}
    )


@dataclass(frozen=True)
class Resource:
    """One thing that would have been made."""

    address: str
    type: str
    name: str
    key: str | int | None
    values: dict[str, Any]


class Applied:
    """What an environment comes to: every resource with every value."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.outputs = {name: each["value"] for name, each in state["values"].get("outputs", {}).items()}
        self.resources = list(_resources(state["values"]["root_module"]))

    def of(self, *types: str) -> list[Resource]:
        """Give the resources of these types."""
        return [each for each in self.resources if each.type in {f"google_{name}" for name in types}]

    @cached_property
    def functions(self) -> dict[str, Resource]:
        """By name, the functions."""
        return {each.values["name"]: each for each in self.of("cloudfunctions2_function")}


def _resources(module: dict[str, Any]) -> Any:
    for each in module.get("resources", []):
        if each["mode"] == "managed":
            yield Resource(each["address"], each["type"], each["name"], each.get("index"), each["values"])
    for child in module.get("child_modules", []):
        yield from _resources(child)


class Workspace:
    """A copy of infra/terraform that a test may change."""

    def __init__(self, folder: Path, providers: str) -> None:
        self.folder = folder / "terraform"
        shutil.copytree(SOURCE, self.folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.zip"))
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_REATTACH_PROVIDERS": providers,
        }
        (folder / "bundle.zip").write_bytes(b"stands for the staged bundle")
        for path in self.folder.rglob("backend.tf"):
            path.with_name("backend_override.tf").write_text(LOCAL)

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a text in a file, everywhere in it; the text has to be there."""
        text = (self.folder / path).read_text()
        assert old in text, f"[{old}] is no longer in [{path}]: seed the fault elsewhere"
        (self.folder / path).write_text(text.replace(old, new))

    def run(self, where: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run terraform in one folder."""
        return subprocess.run(
            ["terraform", f"-chdir={self.folder / where}", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def validate(self, where: str) -> list[str]:
        """Give what Terraform finds wrong in one folder."""
        made = self.run(where, "init", "-backend=false", "-no-color", "-input=false")
        if made.returncode:
            return [made.stderr]
        found = json.loads(self.run(where, "validate", "-json").stdout)
        return [f"{each['summary']}: {each['detail']}" for each in found["diagnostics"]]

    def apply(self, where: str, **variables: str) -> Applied:
        """Apply one environment, and give what came of it."""
        given = self._given = [f"-var={name}={value}" for name, value in variables.items()]
        self._done(where, "init", "-no-color", "-input=false")
        self._done(where, "apply", "-auto-approve", "-no-color", "-input=false", *given)
        return Applied(json.loads(self._done(where, "show", "-json")))

    def plan_again(self, where: str) -> str:
        """Give what Terraform would change after it has applied everything."""
        return self._done(where, "plan", "-no-color", "-input=false", *self._given)

    def _done(self, where: str, *arguments: str) -> str:
        done = self.run(where, *arguments)
        assert done.returncode == 0, f"terraform {arguments[0]}: {done.stderr}"
        return done.stdout
