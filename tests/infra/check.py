"""Has Terraform validate every folder of infra/terraform against the schemas of the providers: `make check` runs it."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.infra.stand_in import providers
from tests.infra.terraform import SOURCE, Workspace, folders


def main() -> None:
    """Print every fault, and fail if there is one."""
    if not shutil.which("terraform"):
        sys.exit("`make check` needs Terraform 1.11; install it from HashiCorp's packages and put it on the path.")
    with providers() as served, tempfile.TemporaryDirectory() as folder:
        copy = Workspace(Path(folder), served)
        misformed = copy.run(".", "fmt", "-check", "-recursive")
        faults = [f"{SOURCE.name}/{name} is not formatted: terraform fmt" for name in misformed.stdout.split()]
        faults += [f"{SOURCE.name}/{where}: {fault}" for where in folders() for fault in copy.validate(where)]
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
