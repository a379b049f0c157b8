"""The letters: nothing leaves before somebody has seen exactly what, and whoever looked is in the access log."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from functions.console.views import releases
from functions.embedded import Embedded
from schemas.letters import Letter, LetterState
from schemas.messages import Home
from tests.console.browsing import COHORT, DECIDED, send, words_of
from workflows.runtime import release_together
from workflows.runtime.post_ports import Letters
from workflows.runtime.release_together import Wish, freeze

SignIn = Callable[..., FlaskClient]

pytestmark = pytest.mark.parametrize("console_store", [DECIDED], indirect=True)


def held(store: Embedded, notice: str = "") -> list[Letter]:
    return [letter for letter in store.ports.letters.find(state=LetterState.HELD) if notice in {"", letter.notice}]


def state_of(letters: Letters, letter: Letter) -> LetterState | None:
    kept = letters.get(letter.id)
    return None if kept is None else kept.state


def digest_on(browser: FlaskClient, query: str) -> str:
    found = re.search(r'name="digest" value="(\w+)"', browser.get(f"/outbox/release?{query}").text)
    assert found is not None
    return found.group(1)


def test_the_list_names_kinds_and_counts_and_nobody(client_as: SignIn, console_store: Embedded) -> None:
    waiting = held(console_store)

    page = client_as("operator").get("/outbox")

    kinds = re.findall(r'data-label="Letters">(\d+)</td><td><a href="/outbox/release\?notice=(\w+)"', page.text)
    assert {kind: int(count) for count, kind in kinds} == Counter(letter.notice for letter in waiting)
    assert re.findall(r'<a href="/outbox/(\w{32})"', page.text) == [letter.id for letter in waiting]
    assert not [letter for letter in waiting if letter.subject in page.text or letter.person in page.text]


def test_every_letter_of_a_state_is_on_one_page_of_the_list(client_as: SignIn, console_store: Embedded) -> None:
    lead, found, url = client_as("lead"), [], "/outbox?state=released"

    while url:
        page = lead.get(url).text
        found += re.findall(r'<a href="/outbox/(\w{32})"', page)
        more = re.search(r'<a href="([^"]+)" rel="next">', page)
        url = more.group(1).replace("&amp;", "&") if more else ""

    assert found == [letter.id for letter in console_store.ports.letters.find(state=LetterState.RELEASED)]


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_a_letter_is_shown_in_its_language_and_whoever_looked_is_logged(
    client_as: SignIn, console_store: Embedded, locale: str
) -> None:
    letter = next(letter for letter in console_store.ports.letters.find() if letter.locale == locale)

    page = client_as("lead", as_id="lead-7").get(f"/outbox/{letter.id}")

    last = console_store.ports.vault.accesses()[-1]
    assert f'lang="{locale}"' in page.text
    assert " ".join(letter.body.split()) in words_of(page).replace("&#39;", "'").replace("&#34;", '"')
    assert (last["reader"], last["subject"]) == ("lead-7", letter.person)
    assert letter.id in last["reason"]


def test_the_confirmation_says_exactly_what_leaves_and_releases_nothing(
    client_as: SignIn, console_store: Embedded
) -> None:
    late = held(console_store, "ApplicationLate")

    page = client_as("operator").get("/outbox/release?notice=ApplicationLate")

    assert f"Release {len(late)} letters?" in words_of(page)
    assert re.findall(r'<a href="/outbox/(\w{32})"', page.text) == [letter.id for letter in late]
    assert held(console_store, "ApplicationLate") == late


def test_a_kind_is_released_and_no_other_under_the_name_of_who_did_it(
    client_as: SignIn, console_store: Embedded
) -> None:
    office, late, others = client_as("operator", as_id="operator-7"), held(console_store, "ApplicationLate"), 0
    others = len(held(console_store)) - len(late)

    digest = digest_on(office, "notice=ApplicationLate")
    answer = send(office, "/outbox/release", notice="ApplicationLate", letter="", digest=digest)

    rows = console_store.ports.vault.accesses()[-len(late) :]
    assert answer.status_code == 303
    assert {state_of(console_store.ports.letters, letter) for letter in late} == {LetterState.RELEASED}
    assert len(held(console_store)) == others
    assert [(row["reader"], row["reason"]) for row in rows] == [
        ("operator-7", f"release of letter {letter.id}") for letter in late
    ]


def test_one_letter_is_released_alone(client_as: SignIn, console_store: Embedded) -> None:
    office, (first, *rest) = client_as("operator"), held(console_store, "ApplicationLate")

    digest = digest_on(office, f"letter={first.id}")
    send(office, "/outbox/release", notice=first.notice, letter=first.id, digest=digest)

    assert held(console_store, "ApplicationLate") == rest


def test_letters_that_came_after_the_confirmation_was_shown_hold_it_up(
    client_as: SignIn, console_store: Embedded
) -> None:
    office, (first, *_) = client_as("operator"), held(console_store, "ApplicationLate")
    digest = digest_on(office, "notice=ApplicationLate")
    console_store.ports.letters.create(first.model_copy(update={"id": "a" * 32}))

    answer = send(office, "/outbox/release", notice="ApplicationLate", letter="", digest=digest)

    assert answer.status_code == 409
    assert "nothing was released" in words_of(answer)
    assert len(held(console_store, "ApplicationLate")) == 4


def test_a_recalled_letter_never_leaves(client_as: SignIn, console_store: Embedded) -> None:
    office, (letter, *_) = client_as("operator", as_id="operator-7"), held(console_store)

    answer = send(office, f"/outbox/{letter.id}/recall")

    last = console_store.ports.vault.accesses()[-1]
    assert answer.status_code == 303
    assert state_of(console_store.ports.letters, letter) is LetterState.RECALLED
    assert (last["reader"], last["reason"]) == ("operator-7", f"recall of letter {letter.id}")
    assert office.get(f"/outbox/release?letter={letter.id}").status_code == 404


def test_a_released_letter_is_recalled_while_it_is_unsent_and_a_sent_one_never(
    client_as: SignIn, console_store: Embedded
) -> None:
    office, letters = client_as("operator"), console_store.ports.letters
    unsent, sent = list(letters.find(state=LetterState.RELEASED))[:2]
    letters.move(sent.id, expected=LetterState.RELEASED, to=LetterState.SENT)

    answers = [send(office, f"/outbox/{letter.id}/recall").status_code for letter in (unsent, sent)]

    assert answers == [303, 404]
    assert [state_of(letters, letter) for letter in (unsent, sent)] == [LetterState.RECALLED, LetterState.SENT]


def test_letters_of_another_cohort_are_not_there(client_as: SignIn, console_store: Embedded) -> None:
    (letter, *_), elsewhere, here = (
        held(console_store),
        client_as("operator", cohort="another"),
        client_as("operator", cohort=COHORT),
    )

    answers = [elsewhere.get(f"/outbox/{letter.id}"), elsewhere.get(f"/outbox/release?notice={letter.notice}")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert letter.id not in elsewhere.get("/outbox").text
    assert letter.id in here.get("/outbox").text


def test_the_list_is_narrowed_by_kind_and_cohort_and_says_how_many_there_are(
    client_as: SignIn, console_store: Embedded
) -> None:
    office, late = client_as("operator"), held(console_store, "ApplicationLate")

    pages = [
        office.get(f"/outbox?notice=ApplicationLate&cohort={COHORT}"),
        office.get("/outbox?notice=ApplicationLate&cohort=another"),
    ]

    found = [re.findall(r'<a href="/outbox/(\w{32})"', page.text) for page in pages]
    assert found == [[letter.id for letter in late], []]
    assert f"{len(late)} letters in all" in words_of(pages[0])
    assert "0 letters in all" in words_of(pages[1])
    assert f"<option selected>{COHORT}</option>" in pages[0].text


def test_a_page_of_the_list_that_was_never_given_is_refused(client_as: SignIn) -> None:
    assert client_as("operator").get("/outbox?after=zzz").status_code == 409


def test_a_letter_whose_case_has_moved_out_of_reach_is_not_listed(client_as: SignIn, console_store: Embedded) -> None:
    (letter, *_) = held(console_store)
    elsewhere = Home(workflow="application", cohort="another")
    moved = letter.model_copy(update={"id": "a" * 32, "home": elsewhere})
    console_store.ports.letters.create(moved)

    pages = [client_as("operator", cohort=cohort).get("/outbox") for cohort in ("another", COHORT)]

    assert [moved.id in page.text for page in pages] == [False, False]


# ---- many at once


@pytest.fixture
def many(console_store: Embedded, monkeypatch: pytest.MonkeyPatch) -> list[Letter]:
    """More letters of a kind than leave with one step."""
    monkeypatch.setattr(release_together, "AT_ONCE", 3)
    (first, *_) = held(console_store, "ApplicationLate")
    for number in range(5):
        console_store.ports.letters.create(first.model_copy(update={"id": f"{number}" * 32}))
    return held(console_store, "ApplicationLate")


def begin(office: FlaskClient) -> str:
    """Confirm the release of a kind, and give its page."""
    digest = digest_on(office, "notice=ApplicationLate")
    answer = send(office, "/outbox/release", notice="ApplicationLate", letter="", cohort="", digest=digest)
    assert answer.status_code == 303
    return str(answer.location)


def test_many_letters_leave_step_by_step_and_the_page_says_how_far_it_is(
    client_as: SignIn, console_store: Embedded, many: list[Letter]
) -> None:
    office = client_as("operator")

    url = begin(office)
    page = words_of(office.get(url))
    outbox = office.get("/outbox")
    steps = [send(office, url).location for _ in range(len(many) // 3)]

    assert f"Of {len(many)}: 3 have left, 0 stay, {len(many) - 3} to go" in page
    assert f'href="{url}"' in outbox.text
    assert steps[:-1] == [url] * (len(steps) - 1)
    assert steps[-1] == f"/outbox?state=released&notice=ApplicationLate&released={len(many)}"
    assert held(console_store, "ApplicationLate") == []
    assert f'href="{url}"' not in office.get("/outbox").text


def test_a_release_that_goes_on_releases_what_was_confirmed_and_nothing_that_came_later(
    client_as: SignIn, console_store: Embedded, many: list[Letter]
) -> None:
    office, letters = client_as("operator"), console_store.ports.letters
    url = begin(office)
    later = many[0].model_copy(update={"id": "a" * 32})
    letters.create(later)
    letters.move(many[-1].id, expected=LetterState.HELD, to=LetterState.RECALLED)

    while (answer := send(office, url)).location == url:
        pass

    assert answer.location == f"/outbox?state=released&notice=ApplicationLate&released={len(many) - 1}"
    assert held(console_store, "ApplicationLate") == [later]
    assert state_of(letters, many[-1]) is LetterState.RECALLED


def test_the_same_confirmation_sent_twice_is_one_release_and_no_letter_leaves_twice(
    client_as: SignIn, console_store: Embedded, many: list[Letter]
) -> None:
    office = client_as("operator", as_id="operator-7")
    wish = Wish("operator-7", "ApplicationLate", "", tuple(letter.id for letter in many), many[0].written_at)
    staff, ports = console_store.staff_ports, console_store.ports
    first, second = (freeze(wish, ports, staff.releases) for _ in range(2))

    url = f"/outbox/releases/{first.id}"
    while send(office, url).location == url:
        pass

    left = [row for row in ports.vault.accesses() if row["reason"].startswith("release of letter")]
    assert first == second
    assert len(left) == len({row["reason"] for row in left}) == len(many)


def test_a_double_click_on_the_confirmation_is_told_what_the_first_one_did(
    client_as: SignIn, console_store: Embedded
) -> None:
    office, (letter, *_) = client_as("operator"), held(console_store, "ApplicationLate")
    page = office.get(f"/outbox/release?letter={letter.id}").text
    form = dict(re.findall(r'name="(letter|notice|cohort|digest|release)" value="([^"]*)"', page))

    answers = [send(office, "/outbox/release", **form) for _ in range(2)]
    others = send(client_as("operator"), "/outbox/release", **form)

    assert [each.location for each in answers] == ["/outbox?state=released&notice=ApplicationLate&released=1"] * 2
    assert others.status_code == 404


def test_only_whoever_confirmed_a_release_goes_on_with_it_and_only_as_far_as_they_still_may(
    client_as: SignIn, console_store: Embedded, many: list[Letter]
) -> None:
    url = begin(client_as("operator", as_id="operator-7"))

    others = [client_as("operator").get(url).status_code, send(client_as("lead"), url).status_code]
    moved = client_as("operator", as_id="operator-7", cohort="another")
    while send(moved, url).location == url:
        pass

    assert others == [404, 404]
    assert len(held(console_store, "ApplicationLate")) == len(many) - 3


def test_at_most_the_oldest_leave_at_once_and_the_page_says_so(
    client_as: SignIn, console_store: Embedded, many: list[Letter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "AT_ONCE_MAX", 2)
    office = client_as("operator")

    page = office.get("/outbox/release?notice=ApplicationLate")
    begin(office)

    assert f"At most the oldest 2 leave at once. Confirm the other {len(many) - 2} after that." in words_of(page)
    assert held(console_store, "ApplicationLate") == many[2:]
