from ipaddress import ip_address
from typing import Any

import pytest

from tests.corpus.rows import made, read, rows
from workflows.runtime.endpoint import Endpoint, is_public, read_endpoint
from workflows.runtime.errors import BadForm

OURS = frozenset({"intake.sadari.example"})

ROWS = [row for row in read("endpoints") if "url" in row]


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS if "takes" not in row])
def test_what_is_no_address_of_a_partner_is_refused_beside_its_field(row: dict[str, Any]) -> None:
    with pytest.raises(BadForm) as refusal:
        read_endpoint(made(row["url"]), ours=OURS, admitted=frozenset())

    assert list(refusal.value.faults) == ["url"]


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS if "takes" in row])
def test_an_address_has_one_form(row: dict[str, Any]) -> None:
    assert read_endpoint(made(row["url"]), ours=OURS, admitted=frozenset()).url == made(row["takes"])


def test_a_receiver_on_this_machine_is_called_only_if_the_settings_name_address_and_port() -> None:
    admitted = frozenset({("127.0.0.1", 8099)})

    found = read_endpoint("http://127.0.0.1:8099/hook", ours=OURS, admitted=admitted)

    assert found == Endpoint("127.0.0.1", 8099, "/hook", is_admitted=True)
    for other in ("http://127.0.0.1:8098/hook", "http://127.0.0.2:8099/", "http://user@127.0.0.1:80/"):
        with pytest.raises(BadForm):
            read_endpoint(other, ours=OURS, admitted=admitted)


@pytest.mark.parametrize("row", [each for each in rows("endpoints") if len(each.values[0].get("names", ())) == 1])
def test_an_address_of_this_machine_or_network_or_of_a_transition_is_not_public(row: dict[str, Any]) -> None:
    assert not is_public(ip_address(row["names"][0]))


@pytest.mark.parametrize(
    "text",
    ["8.8.8.8", "1.1.1.1", "100.63.255.254", "100.128.0.1", "2001:4860:4860::8888", "2606:4700:4700::1111"],
)
def test_an_address_on_the_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))
