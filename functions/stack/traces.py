"""Where a local stack's spans go: a file that a developer reads, one line of JSON for each."""

import json
from pathlib import Path

SPANS = "spans.jsonl"


def traces_to(home: Path) -> str:
    """Give SADARI_TRACES for a stack; every trace is kept."""
    return json.dumps({"to": f"file:{(home / SPANS).absolute()}", "share": 1})
