"""What soaks runs only where it is asked for by its marker."""

import pytest


@pytest.hookimpl(tryfirst=True)  # so that what is left out here is not counted as lacking the emulators
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what soaks, unless `-m` names it."""
    if "soak" in config.option.markexpr:
        return
    soaking = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=soaking)
    items[:] = [item for item in items if item not in soaking]
