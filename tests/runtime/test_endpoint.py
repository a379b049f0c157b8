from ipaddress import ip_address

import pytest

from workflows.runtime.endpoint import Endpoint, is_public, read_endpoint
from workflows.runtime.errors import BadForm

OURS = frozenset({"intake.sadari.example"})

REFUSED = [
    *("", None, 42, []),
    "http://partner.example/hook",
    "ftp://partner.example/",
    *(f"https://partner.example:{port}/" for port in (22, 25, 6379, 0, 65536, 80)),
    "https://partner.example@127.0.0.1/",
    "https://user:secret@partner.example/",
    "https://127.0.0.1\\@partner.example/",
    *("https://exa\tmple.com/", "https://a.com\n.evil/", "https://a.com/\r\nx", "https://a.com/\x00"),
    *(" https://partner.example/", "https://partner.example/ ", "https://partner.example/\u3000"),
    *("https://part\u200bner.example/", "https://partner.example/\u202ex", "\ufeffhttps://partner.example/"),
    *(
        "https://127.0.0.1/",
        "https://127.255.255.255/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
    ),
    *("https://0177.0.0.1/", "https://127.1/", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/"),
    *("https://10.0.0.1/", "https://192.168.1.1/", "https://8.8.8.8/"),
    *("https://metadata.google.internal/", "https://metadata/"),
    *("https://[::1]/", "https://[::127.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[fe80::1%25eth0]/"),
    "https://[2001:4860:4860::8888]/",
    "https://[::1/",
    *("https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://foo.localhost/"),
    *(
        "https://internal/",
        "https://a.internal/",
        "https://a.local/",
        "https://a.corp/",
        "https://a.svc.cluster.local/",
    ),
    "https://intake.sadari.example/desk/events",
    "https://Intake.Sadari.Example./desk/events",
    f"https://partner.example/{'x' * 2048}",
    f"https://{'x' * 64}.example/",
    f"https://{'a.' * 130}example/",
    "https://ex%61mple.com/",
    *("https://partner.example/%0d%0aX-Evil: 1", "https://partner.example/%0A", "https://partner.example/?q=%00"),
    "https://partner.example/#part",
    *("https://a..b.example/", "https://-a.example/", "https://a_b.example/", "https://.example/"),
    "https://partner.example:443:443/",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_address_of_a_partner_is_refused_beside_its_field(text: object) -> None:
    with pytest.raises(BadForm) as refusal:
        read_endpoint(text, ours=OURS, admitted=frozenset())

    assert list(refusal.value.faults) == ["url"]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("HTTPS://PARTNER.EXAMPLE/Hook", "https://partner.example/Hook"),
        ("https://example.com./", "https://example.com/"),
        ("https://partner.example", "https://partner.example/"),
        ("https://partner.example:443/a?b=1&token=x", "https://partner.example/a?b=1&token=x"),
        ("https://partner.example:8443/a/../b", "https://partner.example:8443/a/../b"),
        ("https://전남대.example/알림", "https://xn--q20bm8bd15a.example/%EC%95%8C%EB%A6%BC"),
    ],
)
def test_an_address_has_one_form(text: str, url: str) -> None:
    assert read_endpoint(text, ours=OURS, admitted=frozenset()).url == url


def test_a_receiver_on_this_machine_is_called_only_if_the_settings_name_address_and_port() -> None:
    admitted = frozenset({("127.0.0.1", 8099)})

    found = read_endpoint("http://127.0.0.1:8099/hook", ours=OURS, admitted=admitted)

    assert found == Endpoint("127.0.0.1", 8099, "/hook", is_admitted=True)
    for other in ("http://127.0.0.1:8098/hook", "http://127.0.0.2:8099/", "http://user@127.0.0.1:80/"):
        with pytest.raises(BadForm):
            read_endpoint(other, ours=OURS, admitted=admitted)


NOT_PUBLIC = [
    *("127.0.0.1", "127.255.255.255", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.127.255.254", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1"),
    *("198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "::127.0.0.1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    *("64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::1", "2002:a00:1::1", "2002:7f00:1::"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254"),
    *("ff02::1", "2001:db8::1", "3fff::1", "5f00::1", "100::1"),
]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_of_this_machine_or_network_or_of_a_transition_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    ["8.8.8.8", "1.1.1.1", "100.63.255.254", "100.128.0.1", "2001:4860:4860::8888", "2606:4700:4700::1111"],
)
def test_an_address_on_the_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))
