"""Writes the golden files: pages of `docs`, schemas for partners, and the fingerprints of the released workflows.

`make golden` runs it; `test_golden.py` compares with what is committed.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # a script sees no more than its own folder

from functions.api.openapi import document  # noqa: E402
from tests.golden.released import Released, changes, released  # noqa: E402
from workflows.definitions.pages import documents  # noqa: E402
from workflows.runtime.promised import breaking, catalogue_page, schemas  # noqa: E402

PAGES = ROOT / "docs" / "workflows"
PUBLISHED = ROOT / "schemas" / "published"
FINGERPRINTS = ROOT / "tests" / "golden" / "fingerprints.json"


def golden() -> Mapping[Path, str]:
    """Give every golden file as it should be."""
    pages = {PAGES / name: text for name, text in documents().items()}
    promised = {PUBLISHED / name: text for name, text in schemas().items()}
    catalogue = {ROOT / "docs" / "notices.md": catalogue_page()}
    api = {ROOT / "docs" / "openapi.json": document()}
    return {**pages, **promised, **catalogue, **api, FINGERPRINTS: json.dumps(released(), indent=2) + "\n"}


def broken_promises(wanted: Mapping[Path, str]) -> list[str]:
    """Name every change of a committed schema that a receiver could stumble over."""
    return [
        f"{path.name}{fault}: publish it under a new major version, beside this one"
        for path in sorted(PUBLISHED.glob("*.json"))
        for fault in (
            breaking(json.loads(path.read_text(encoding="utf-8")), json.loads(wanted[path]))
            if path in wanted
            else [": gone"]
        )
    ]


def recorded() -> Released:
    """Give the fingerprints as they are committed; nothing if there are none."""
    found: Released = json.loads(FINGERPRINTS.read_text(encoding="utf-8")) if FINGERPRINTS.exists() else {}
    return found


def main() -> None:
    """Write all of them, and say which released versions are overwritten: that is right only before a release."""
    for sentence in changes(recorded(), released()):
        sys.stderr.write(f"{sentence}\n")
    wanted = golden()
    if broken := broken_promises(wanted):
        sys.exit("\n".join(broken))
    for path in {*PAGES.glob("*.md")} - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
