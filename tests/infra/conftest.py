"""What Terraform makes of infra/terraform, once for all tests; and copies for those that seed a fault."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.infra.stand_in import providers
from tests.infra.terraform import Applied, Workspace

SET_UP = '["console","dealer","forms","mail"]'


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    with providers() as served:
        yield served


@pytest.fixture
def workspace(tmp_path: Path, served: str) -> Workspace:
    return Workspace(tmp_path, served)


def in_full(workspace: Workspace, where: str) -> Applied:
    """Apply an environment in which everything is set up that can be."""
    return workspace.apply(
        where,
        project="sadari-prod",
        origin="sadari.example.org",
        bundle=str(workspace.folder.parent / "bundle.zip"),
        alert_emails='["oncall@example.org"]',
        set_up=SET_UP,
        budget='{"billing_account":"000000-000000-000000","units":100}',
        people='{"auditors":["group:auditors@example.org"],"operators":["group:operators@example.org"]}',
    )


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory, served: str) -> Applied:
    """The environment of real people."""
    return in_full(Workspace(tmp_path_factory.mktemp("prod"), served), "envs/prod")


@pytest.fixture
def seeded(workspace: Workspace) -> Callable[[str, str, str], Applied]:
    """Applies the environment of real people with one text of one file replaced by another."""

    def apply(path: str, old: str, new: str) -> Applied:
        workspace.replace(path, old, new)
        return in_full(workspace, "envs/prod")

    return apply
