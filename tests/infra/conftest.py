"""What Terraform makes of infra/terraform, once for all tests; and copies for those that seed a fault."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.infra.rules import SECRETS
from tests.infra.stand_in import providers
from tests.infra.terraform import Applied, Workspace

SET_UP = json.dumps([name.removeprefix("SADARI_").lower() for name in SECRETS])


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    with providers() as served:
        yield served


@pytest.fixture
def workspace(tmp_path: Path, served: str) -> Workspace:
    return Workspace(tmp_path, served)


def apply_in_full(workspace: Workspace, where: str) -> Applied:
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
    return apply_in_full(Workspace(tmp_path_factory.mktemp("prod"), served), "envs/prod")


@pytest.fixture(scope="session")
def in_full() -> Callable[[Workspace, str], Applied]:
    """Applies an environment in which everything is set up that can be."""
    return apply_in_full
