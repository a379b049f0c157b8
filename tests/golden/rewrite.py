"""Writes the golden files: the pages of `docs/workflows`, and the fingerprints of the released workflows.

`make golden` runs it; `test_golden.py` compares with what is committed.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # a script sees no more than its own folder

from tests.golden.released import Released, changes, released  # noqa: E402
from workflows.definitions.pages import documents  # noqa: E402

PAGES = ROOT / "docs" / "workflows"
FINGERPRINTS = ROOT / "tests" / "golden" / "fingerprints.json"


def golden() -> Mapping[Path, str]:
    """Give every golden file as it should be."""
    pages = {PAGES / name: text for name, text in documents().items()}
    return {**pages, FINGERPRINTS: json.dumps(released(), indent=2) + "\n"}


def recorded() -> Released:
    """Give the fingerprints as they are committed; nothing if there are none."""
    found: Released = json.loads(FINGERPRINTS.read_text(encoding="utf-8")) if FINGERPRINTS.exists() else {}
    return found


def main() -> None:
    """Write all of them, and say which released versions are overwritten: that is right only before a release."""
    for sentence in changes(recorded(), released()):
        sys.stderr.write(f"{sentence}\n")
    wanted = golden()
    for path in {*PAGES.glob("*.md")} - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
