"""The API keeps the word of its document, whatever it is sent: schemathesis looks for a call where it does not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.openapi.checks import RejectedPositiveData

from functions.api.openapi import document
from functions.embedded import Embedded
from tests.api.conftest import NOON, WISH, Api
from tests.support.subscribers import Subscribers

load_all_checks()
NOT_FOR_US = {"positive_data_acceptance", "use_after_free", "ensure_resource_availability", "max_response_time"}
"""An ended subscription stays to be looked at; what may be refused all the same is looked at below."""

BEYOND_A_SCHEMA = {"after", "url", "types", "fields", "since", "until"}
"""No schema can say which cursors were given, which addresses may be called, which types there are by now, that a
digest carries nothing personal, or how far one time may be from another.
"""

EXAMPLES = 25
_APIS: list[tuple[Api, str]] = []


@pytest.fixture(scope="module", autouse=True)
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    embedded = Embedded(Path(tmp_path_factory.mktemp("api")) / "sadari.db")
    embedded.clock.turn(NOON)
    made = Api(Subscribers(embedded), burst=1_000_000, guesses=1_000_000)
    made.subscribers.receivers.calls = Forgetful()
    key = made.key()
    name = (made.call("POST", "/subscriptions", key, WISH).json or {})["id"]
    delivery = (made.call("POST", f"/subscriptions/{name}/test", key).json or {})["delivery"]
    made.site.config["KNOWN"] = {"subscription": name, "delivery": delivery}
    _APIS[:] = [(made, key)]
    yield made
    embedded.close()


class Forgetful(list[Any]):
    """Receivers that keep no list of thousands of calls."""

    def append(self, _each: Any) -> None:
        """Forget it."""


def app(environ: Any, start_response: Any) -> Any:
    """The API of this file, once it is there: cases are made before."""
    return _APIS[0][0].site(environ, start_response)


schema = schemathesis.openapi.from_dict(json.loads(document()))
schema.app = app
schema.config.generation.update(with_security_parameters=False)  # the key is always given; `test_api` leaves it out


def refused_only_for_what_no_schema_can_say(context: Any, response: Any, case: Any) -> bool | None:
    """Look at what is refused although it is of the form that the document names."""
    try:
        return CHECKS.get_one("positive_data_acceptance")(context, response, case)
    except RejectedPositiveData:
        said = response.json()
        is_about = {"after"} if said["type"] == "/problems/no_such_page" else set(said["errors"])
        if response.status_code == 412 or (is_about and is_about <= BEYOND_A_SCHEMA):
            return None
        raise


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_call_finds_the_api_break_its_word(case: Any) -> None:
    ((api, key),) = _APIS
    known = api.site.config["KNOWN"]
    if case.path_parameters and len(str(case.path_parameters)) % 2:
        case.path_parameters.update({name: value for name, value in known.items() if name in case.path_parameters})
    checks = [each for each in CHECKS.get_all() if each.__name__ not in NOT_FOR_US]
    checks.append(refused_only_for_what_no_schema_can_say)

    case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=checks)
