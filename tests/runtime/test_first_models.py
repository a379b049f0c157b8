"""Models whose checks are built on first use: sixteen threads that meet them all at once each get the right ones."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEET = """
import threading
from concurrent.futures import ThreadPoolExecutor
from pydantic import ValidationError
from schemas.events import EVENTS
from schemas.messages import Case, Entry, Message, Notice
from schemas.notices import NOTICES

models = [*EVENTS.values(), *NOTICES.values(), Message, Entry, Case, Notice]
assert not any(model.__pydantic_complete__ for model in models)
together = threading.Barrier(16)

def meet(number):
    together.wait()
    found = []
    for model in models[number:] + models[:number]:
        try:
            model.model_validate_json('{"no such field": 1}', strict=True)
        except ValidationError as error:
            found.append((model.__name__, tuple(sorted((str(each["loc"]), each["type"]) for each in error.errors()))))
    return sorted(found)

with ThreadPoolExecutor(16) as pool:
    seen = list(pool.map(meet, range(16)))
assert len(seen[0]) == len(models), (len(seen[0]), len(models))
assert all(each == seen[0] for each in seen), "threads disagree"
print("right")
"""


def test_models_that_sixteen_threads_meet_first_at_once_are_built_right() -> None:
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", MEET], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.stdout == "right\n", done.stderr[-2000:]
