"""The environment is checked once and whole: whoever starts the functions hears of every fault by its name."""

import base64
import json
from typing import Any

import pytest

from functions.settings import Settings, SettingsError, Source

KEY = base64.b64encode(b"k" * 32).decode()
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
SOURCES = {"desk": {"secrets": [SECRET], "roles": ["operator", "applicant"]}}
GOOGLE = {
    "GOOGLE_CLOUD_PROJECT": "demo",
    "SADARI_KEY": KEY,
    "SADARI_CALLER": "caller@demo.iam.gserviceaccount.com",
    "SADARI_AUDIENCE": "https://sadari.example",
    "SADARI_CERTS_URL": "https://www.googleapis.com/oauth2/v1/certs",
    "SADARI_QUEUE": "projects/demo/locations/asia-northeast3/queues/timers",
    "SADARI_RING_URL": "https://sadari.example/ring",
    "SADARI_SOURCES": json.dumps(SOURCES),
}
EMBEDDED = {
    **{name: GOOGLE[name] for name in ("SADARI_KEY", "SADARI_CALLER", "SADARI_AUDIENCE", "SADARI_SOURCES")},
    "SADARI_CERTS_URL": "http://127.0.0.1:1234/certs",
    "SADARI_STORE": "/tmp/sadari.db",
}


def faults_of(env: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env(env)
    return str(refused.value).split("; ")


def with_sources(text: Any) -> dict[str, str]:
    return {**GOOGLE, "SADARI_SOURCES": text if isinstance(text, str) else json.dumps(text)}


# ---- what is good


def test_on_google_everything_is_read() -> None:
    assert Settings.from_env(GOOGLE) == Settings(
        key=b"k" * 32,
        caller="caller@demo.iam.gserviceaccount.com",
        audience="https://sadari.example",
        certs_url="https://www.googleapis.com/oauth2/v1/certs",
        sources={"desk": Source((SECRET,), frozenset({"operator", "applicant"}))},
        project="demo",
        queue="projects/demo/locations/asia-northeast3/queues/timers",
        ring_url="https://sadari.example/ring",
    )


def test_the_local_stack_may_name_stand_ins() -> None:
    stand_ins = {
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:2",
        "SADARI_TASKS_ADDRESS": "127.0.0.1:3",
        "SADARI_CLOCK": "/tmp/clock",
    }

    settings = Settings.from_env({**GOOGLE, **stand_ins})

    assert (settings.pubsub_address, settings.tasks_address) == ("127.0.0.1:2", "127.0.0.1:3")
    assert settings.clock_path == "/tmp/clock"


def test_a_store_takes_the_place_of_google() -> None:
    settings = Settings.from_env(EMBEDDED)

    assert (settings.store_path, settings.project, settings.queue) == ("/tmp/sadari.db", "", "")


def test_what_is_not_ours_does_not_matter() -> None:
    assert Settings.from_env({**GOOGLE, "PATH": "/bin", "SADARIX": "1", "sadari_key": "1"}) == Settings.from_env(GOOGLE)


def test_in_production_only_what_belongs_there_is_set() -> None:
    assert Settings.from_env({**GOOGLE, "K_SERVICE": "advance"}) == Settings.from_env(GOOGLE)


def test_only_cloud_run_checks_who_calls() -> None:
    behind = {**GOOGLE, "SADARI_IAM": "checked"}

    assert Settings.from_env({**behind, "K_SERVICE": "advance"}).is_behind_iam
    assert not Settings.from_env(GOOGLE).is_behind_iam
    assert faults_of(behind) == ["SADARI_IAM is set, but only Cloud Run checks who calls"]
    assert faults_of({**GOOGLE, "K_SERVICE": "advance", "SADARI_IAM": "no"}) == [
        "SADARI_IAM is not [checked], and left out where everybody may call"
    ]


def test_a_source_may_have_two_secrets_while_one_is_replaced() -> None:
    other = "whsec_" + base64.b64encode(b"t" * 64).decode()

    settings = Settings.from_env(with_sources({"desk": {"secrets": [SECRET, other], "roles": ["city"]}}))

    assert settings.sources["desk"].secrets == (SECRET, other)


def test_secrets_are_in_no_text_of_the_settings() -> None:
    text = repr(Settings.from_env(GOOGLE))

    assert SECRET not in text
    assert KEY not in text
    assert repr(b"k" * 32) not in text


# ---- every fault at once


def test_an_empty_environment_hears_all_that_is_missing() -> None:
    assert sorted(faults_of({})) == sorted(f"{name} is missing" for name in GOOGLE)


def test_with_a_store_nothing_of_google_is_missing() -> None:
    assert sorted(faults_of({"SADARI_STORE": "x"})) == [
        f"SADARI_{name} is missing" for name in ("AUDIENCE", "CALLER", "CERTS_URL", "KEY", "SOURCES")
    ]


@pytest.mark.parametrize("name", GOOGLE)
@pytest.mark.parametrize("how", ["left out", "empty"])
def test_whatever_is_missing_is_named_alone(name: str, how: str) -> None:
    env = {**GOOGLE, name: ""}
    if how == "left out":
        del env[name]

    assert faults_of(env) == [f"{name} is missing"]


def test_faults_of_every_kind_are_told_together() -> None:
    env = {
        **{name: value for name, value in GOOGLE.items() if name != "SADARI_CALLER"},
        "SADARI_COLOUR": "blue",
        "SADARI_KEY": "short",
        "SADARI_SOURCES": "none",
        "SADARI_CERTS_URL": "http://evil.example/certs",
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
        "K_SERVICE": "advance",
    }

    assert faults_of(env) == [
        "SADARI_CALLER is missing",
        "SADARI_COLOUR is unknown",
        "FIRESTORE_EMULATOR_HOST is set, but this is production",
        "SADARI_CERTS_URL is not https, but this is production",
        "SADARI_KEY is not base64 of at least 32 bytes",
        "SADARI_SOURCES is no JSON object that names each source once",
    ]


def test_a_name_of_ours_that_nobody_reads_is_named() -> None:
    assert faults_of({**GOOGLE, "SADARI_QUEU": "x", "SADARI_": ""}) == ["SADARI_ is unknown", "SADARI_QUEU is unknown"]


# ---- production


@pytest.mark.parametrize(
    "name",
    [
        *("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST", "ANY_EMULATOR_HOST"),
        *("SADARI_TASKS_ADDRESS", "SADARI_CLOCK"),
    ],
)
def test_production_refuses_every_stand_in(name: str) -> None:
    assert faults_of({**GOOGLE, "K_SERVICE": "advance", name: "x"}) == [f"{name} is set, but this is production"]


def test_production_refuses_the_embedded_backend() -> None:
    assert faults_of({**EMBEDDED, "K_SERVICE": "advance"}) == [
        "SADARI_STORE is set, but this is production",
        "SADARI_CERTS_URL is not https, but this is production",
    ]


@pytest.mark.parametrize("name", ["SADARI_CERTS_URL", "SADARI_RING_URL"])
def test_production_refuses_what_anybody_on_the_way_could_change(name: str) -> None:
    env = {**GOOGLE, "K_SERVICE": "advance", name: "http://www.googleapis.com/oauth2/v1/certs"}

    assert faults_of(env) == [f"{name} is not https, but this is production"]


@pytest.mark.parametrize("name", ["SADARI_QUEUE", "SADARI_RING_URL", "SADARI_TASKS_ADDRESS", "SADARI_CLOCK"])
def test_a_store_and_google_cannot_both_be_meant(name: str) -> None:
    assert faults_of({**EMBEDDED, name: "x"}) == [f"{name} is set, but SADARI_STORE takes its place"]


# ---- the key and the sources


@pytest.mark.parametrize(
    "text", ["short", "é" * 44, KEY[:-4], KEY + "!", " " + KEY, base64.b64encode(b"k" * 31).decode()]
)
def test_a_key_is_base64_of_at_least_32_bytes(text: str) -> None:
    assert faults_of({**GOOGLE, "SADARI_KEY": text}) == ["SADARI_KEY is not base64 of at least 32 bytes"]


@pytest.mark.parametrize("text", ["none", "[]", "null", '"desk"', '{"a": 1, "a": 1}', "{", '{"a": NaN}', "\udc80"])
def test_sources_are_one_json_object(text: str) -> None:
    assert faults_of(with_sources(text)) == ["SADARI_SOURCES is no JSON object that names each source once"]


@pytest.mark.parametrize(
    "given", [None, [], "desk", {}, {"secrets": [SECRET]}, {"roles": []}, {**SOURCES["desk"], "extra": 1}]
)
def test_a_source_has_secrets_and_roles_and_nothing_else(given: Any) -> None:
    fault = "SADARI_SOURCES [desk] is not of the form {secrets: [...], roles: [...]}"

    assert faults_of(with_sources({"desk": given})) == [fault]


@pytest.mark.parametrize(
    "secrets", [[], SECRET, [SECRET, ""], ["whsec_"], ["whsec_short"], [SECRET[6:]], ["whsec_é"], [1], [None], {}]
)
def test_a_secret_that_could_sign_nothing_is_told_but_never_repeated(secrets: Any) -> None:
    (fault,) = faults_of(with_sources({"desk": {"secrets": secrets, "roles": ["city"]}}))

    assert fault == "SADARI_SOURCES [desk] has secrets that are not whsec_ and base64 of 24 to 64 bytes"


@pytest.mark.parametrize("roles", [[], "city", ["mayor"], ["city", "mayor"], [1], [None], [["city"]], {}])
def test_a_role_that_there_is_not_is_told(roles: Any) -> None:
    (fault,) = faults_of(with_sources({"desk": {"secrets": [SECRET], "roles": roles}}))

    assert fault.startswith("SADARI_SOURCES [desk] has roles that are not among ['admin', 'applicant',")


@pytest.mark.parametrize("name", ["", "a/b", "csv:spring", "a b", "책상", "a" * 65])
def test_a_source_is_named_so_that_a_path_can_name_it(name: str) -> None:
    assert faults_of(with_sources({name: SOURCES["desk"]})) == [f"SADARI_SOURCES [{name[:64]}] is no name for a source"]


def test_every_source_is_looked_at() -> None:
    sources = {"a b": {"secrets": [], "roles": []}, "desk": SOURCES["desk"], "lms": {}}

    assert [fault.split("has")[0].split("is ")[0] for fault in faults_of(with_sources(sources))] == [
        *["SADARI_SOURCES [a b] "] * 3,
        "SADARI_SOURCES [lms] ",
    ]


# ---- forms at providers


FORMS = {
    "spring-typeform": {"secrets": ["a secret of sixteen or more"]},
    "spring-jotform": {"path": "p" * 32, "api_key": "k", "region": "eu"},
    "spring-google": {"topic": "projects/demo/topics/forms"},
}


def test_the_secrets_of_connections_are_read_and_never_shown() -> None:
    settings = Settings.from_env({**GOOGLE, "SADARI_FORMS": json.dumps(FORMS)})

    assert settings.forms["spring-typeform"].secrets == ("a secret of sixteen or more",)
    assert (settings.forms["spring-jotform"].region, settings.forms["spring-google"].topic) == (
        "eu",
        "projects/demo/topics/forms",
    )
    assert "a secret of sixteen" not in repr(settings)
    assert "p" * 32 not in repr(settings)


@pytest.mark.parametrize(
    "given",
    [
        {"secrets": ["hunter2"]},
        {"secrets": "a secret of sixteen or more"},
        {"secrets": [7]},
        {"path": "hunter2"},
        {"path": "hunter2hunter2hunter2hunter2hunter2/../x"},
        {"api_key": ["hunter2"]},
        {"topic": "hunter2"},
        {"region": "hunter2"},
        {"password": "hunter2"},
        "hunter2",
    ],
)
def test_a_bad_secret_is_named_by_its_connection_and_not_repeated(given: Any) -> None:
    (fault,) = faults_of({**GOOGLE, "SADARI_FORMS": json.dumps({"spring": given})})

    assert fault.startswith("SADARI_FORMS [spring] ")
    assert "hunter2" not in fault


@pytest.mark.parametrize("text", ["{", "[]", '{"a": {}, "a": {}}'])
def test_forms_that_are_no_object_are_a_fault(text: str) -> None:
    assert faults_of({**GOOGLE, "SADARI_FORMS": text}) == [
        "SADARI_FORMS is no JSON object that names each connection once"
    ]


def test_a_connections_name_has_to_fit_an_address() -> None:
    assert faults_of({**GOOGLE, "SADARI_FORMS": json.dumps({"a/b": {}})}) == [
        "SADARI_FORMS [a/b] is no name for a connection"
    ]


def test_a_stand_in_for_a_provider_is_for_the_local_stack_only() -> None:
    urls = {"SADARI_FORMS_URLS": json.dumps({"jotform": "http://127.0.0.1:1"})}

    assert Settings.from_env({**EMBEDDED, **urls}).forms_urls == {"jotform": "http://127.0.0.1:1"}
    assert faults_of({**GOOGLE, **urls, "K_SERVICE": "intake"}) == ["SADARI_FORMS_URLS is set, but this is production"]
    assert faults_of({**EMBEDDED, "SADARI_FORMS_URLS": "[]"}) == [
        "SADARI_FORMS_URLS is no JSON object of addresses by provider"
    ]


def test_no_source_may_be_called_as_the_door_of_the_forms() -> None:
    assert faults_of(with_sources({"forms": SOURCES["desk"]})) == ["SADARI_SOURCES [forms] is no name for a source"]


# ---- partners

PARTNERS = {"origin": "sadari.example", "url": "https://sadari.example/api/"}
ON_GOOGLE = {**PARTNERS, "queue": "projects/p/locations/l/queues/deliveries", "attempt_url": "https://run.example/a"}
NO_FORM = "SADARI_PARTNERS is not of the form"


def test_partners_are_told_under_our_name_and_never_at_our_own_addresses() -> None:
    env = {**GOOGLE, "SADARI_PARTNERS": json.dumps(ON_GOOGLE), "SADARI_PORTAL_URL": "https://apply.example"}

    found = Settings.from_env(env).partners

    assert found is not None
    assert (found.origin, found.url, found.queue) == (
        "sadari.example",
        "https://sadari.example/api",
        ON_GOOGLE["queue"],
    )
    assert found.ours == {"sadari.example", "run.example", "apply.example"}
    assert found.admitted == frozenset()


def test_receivers_on_this_machine_are_admitted_one_by_one() -> None:
    text = json.dumps({**PARTNERS, "admitted": ["127.0.0.1:8080", "127.0.0.2:1"]})

    found = Settings.from_env({**EMBEDDED, "SADARI_PARTNERS": text}).partners

    assert found is not None
    assert found.admitted == {("127.0.0.1", 8080), ("127.0.0.2", 1)}


@pytest.mark.parametrize(
    "admitted",
    [
        *("127.0.0.1:80", [""], ["127.0.0.1"], ["10.0.0.1:80"], ["localhost:80"], ["127.0.0.1:0"]),
        *(["127.0.0.1:70000"], ["127.0.0.0/8:80"], ["[::1]:80"], ["0.0.0.0:80"], ["127.0.0.1:*"], [1]),
    ],
)
def test_nothing_but_an_exact_receiver_on_this_machine_is_admitted(admitted: Any) -> None:
    (fault,) = faults_of({**EMBEDDED, "SADARI_PARTNERS": json.dumps({**PARTNERS, "admitted": admitted})})

    assert fault.startswith(NO_FORM)


@pytest.mark.parametrize("text", ["{", "[]", "{}", json.dumps({**PARTNERS, "url": ""}), json.dumps(ON_GOOGLE)])
def test_partner_settings_of_another_form_are_refused(text: str) -> None:
    (fault,) = faults_of({**EMBEDDED, "SADARI_PARTNERS": text})

    assert fault.startswith(NO_FORM)


def test_on_google_attempts_need_their_queue() -> None:
    (fault,) = faults_of({**GOOGLE, "SADARI_PARTNERS": json.dumps(PARTNERS)})

    assert "queue: ..., attempt_url: ..." in fault


def test_production_admits_no_receiver_and_calls_nothing_in_the_open() -> None:
    told = {**ON_GOOGLE, "url": "http://sadari.example/api", "admitted": ["127.0.0.1:8080"]}

    faults = faults_of({**GOOGLE, "K_SERVICE": "api", "SADARI_PARTNERS": json.dumps(told)})

    assert faults == [
        "SADARI_PARTNERS admits receivers on this machine, but this is production",
        "SADARI_PARTNERS has a url that is not https",
    ]


def test_links_are_signed_by_keys_of_their_own_the_newest_first() -> None:
    new, old = (base64.b64encode(letter * 32).decode() for letter in (b"n", b"o"))

    assert Settings.from_env(GOOGLE).link_keys == ()
    assert Settings.from_env({**GOOGLE, "SADARI_LINKS": f"{new}, {old}"}).link_keys == (b"n" * 32, b"o" * 32)
    assert faults_of({**GOOGLE, "SADARI_LINKS": f"{new},short"}) == ["SADARI_LINKS is not base64 of at least 32 bytes"]


def test_a_command_needs_the_project_and_nothing_else() -> None:
    given = Settings.for_commands({"GOOGLE_CLOUD_PROJECT": "sadari-prod", "SADARI_DATABASE": "restored-a"})

    assert (given.project, given.database, given.key) == ("sadari-prod", "restored-a", b"")
    with pytest.raises(SettingsError, match="GOOGLE_CLOUD_PROJECT is missing"):
        Settings.for_commands({})
