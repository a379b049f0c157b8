"""Stages what is deployed: one zip, the same bytes for the same sources wherever it is built.

python3 scripts/bundle.py [ZIP]     build/bundle.zip if left out; prints its SHA-256 and its place

The three rooms as git tracks them, `main.py` beside them, where the platform looks for it, and the pinned, hashed
requirements.  No pyproject.toml: beside one, the platform would not read the requirements.
"""

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("schemas", "workflows", "functions")
NOT_DEPLOYED = ("functions/cli/", "functions/cost/", "functions/stack/")
"""For the desk only: no function imports them."""

AT_ROOT = {"functions/main.py": "main.py"}
BESIDES = ("requirements.txt",)
BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold."""

PLAIN_FILE = 0o100644 << 16
UNIX = 3


def staged(root: Path) -> Mapping[str, Path]:
    """Give every file by its place in the bundle, in order."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--", *ROOMS, *BESIDES],  # noqa: S607  whichever git is there
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        raise SystemExit(f"git does not know what belongs to [{root}]: {listed.stderr.strip()}")
    tracked = [path for path in listed.stdout.split("\0") if path and not path.startswith(NOT_DEPLOYED)]
    return dict(sorted((AT_ROOT.get(path, path), root / path) for path in tracked))


def write(bundle: Path, files: Mapping[str, Path]) -> str:
    """Write the zip, and give its SHA-256.  Nothing is compressed: that would depend on the library's version."""
    bundle.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_STORED) as archive:
        for place, path in files.items():
            entry = zipfile.ZipInfo(place, BEGINNING)
            entry.create_system = UNIX
            entry.external_attr = PLAIN_FILE
            archive.writestr(entry, path.read_bytes())
    return hashlib.sha256(bundle.read_bytes()).hexdigest()


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "bundle.zip"
    sys.stdout.write(f"{write(place, staged(ROOT))}  {place}\n")
