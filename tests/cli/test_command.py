"""The installed command `sadari`."""

import runpy
import sys
from pathlib import Path

SADARI = Path(sys.executable).parent / "sadari"


def test_a_worker_process_can_import_the_command_without_running_it() -> None:
    names = runpy.run_path(str(SADARI), run_name="__mp_main__")

    assert callable(names["main"])
