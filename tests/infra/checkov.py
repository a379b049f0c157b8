"""Has checkov look at infra/terraform, and at a copy with weaknesses put in, which it must find: `make test`."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.infra.terraform import SOURCE, Workspace

WEAKNESSES = (
    ("modules/app/bundle.tf", 'public_access_prevention    = "enforced"', 'public_access_prevention = "inherited"'),
    ("modules/app/bundle.tf", "member = google_service_account.builder.member", 'member = "allUsers"'),
    ("modules/app/iam.tf", '"roles/logging.logWriter"', '"roles/editor"'),
)
FOUND = {"CKV_GCP_114", "CKV_GCP_28", "CKV_GCP_117"}
"""A bucket that may be opened, one that is, and an account that may do everything."""


def failed(folder: Path) -> dict[str, set[str]]:
    """Give what checkov finds, by the check, and where."""
    config = SOURCE / ".checkov.yaml"
    done = subprocess.run(
        [os.environ["CHECKOV"], "-d", str(folder), "--config-file", str(config), "--skip-download", "-o", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    results = json.loads(done.stdout)["results"]
    assert not results["parsing_errors"], results["parsing_errors"]
    assert len(results["passed_checks"]) > 100, "checkov has looked at next to nothing"
    found: dict[str, set[str]] = {}
    for each in results["failed_checks"]:
        found.setdefault(each["check_id"], set()).add(f"{each['resource']}: {each['check_name']}")
    return found


def main() -> None:
    """Print every weakness, and fail if there is one, or if one that was put in is not found."""
    if ours := failed(SOURCE):
        sys.exit("\n".join(f"{check} {where}" for check, places in sorted(ours.items()) for where in sorted(places)))
    with tempfile.TemporaryDirectory() as folder:
        copy = Workspace(Path(folder), "")
        for path, old, new in WEAKNESSES:
            copy.replace(path, old, new)
        if missed := FOUND - set(failed(copy.folder)):
            sys.exit(f"checkov does not find what was put in: {sorted(missed)}")


if __name__ == "__main__":
    main()
