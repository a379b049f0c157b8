"""Somebody is on leave: a colleague from elsewhere answers for them, and the history says so."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from functions.console.room import today
from functions.stack.embedded_stack import EmbeddedStack

pytestmark = pytest.mark.browser


def test_a_delegate_answers_for_somebody_on_leave_and_the_history_says_so(
    sign_in: Callable[[str], Page], stack: EmbeddedStack
) -> None:
    owner, delegate = sign_in("operator1@sadari.example"), sign_in("city@sadari.example")
    console = stack.addresses()["console"].rstrip("/")
    owner.click('a[href$="/delegations"]')
    owner.select_option("select[name=to]", "city-1")
    owner.fill("input[name=until_on]", str(today() + timedelta(days=7)))
    owner.fill("input[name=reason]", "연차 휴가")
    owner.click("main form.panel button")
    assert "맡겼습니다" in owner.inner_text("[role=status]")

    delegate.goto(f"{console}/inbox")
    assert "김운영님 대신" in delegate.inner_text("tbody tr >> nth=0")
    delegate.click("tbody th a >> nth=0")
    assert delegate.inner_text("#role option").strip().endswith("김운영님 대신")
    case = delegate.input_value("input[name=case]")
    delegate.fill("textarea[name=reason]", "재학증명서를 확인함")
    delegate.click("button[value=yes]")
    delegate.wait_for_url("**/inbox*")
    stack.work()

    owner.goto(f"{console}/cases/{case}")
    history = owner.inner_text("#timeline")
    assert "최시청" in history
    assert "김운영님을 대신하여" in history

    owner.goto(f"{console}/delegations")
    owner.click("section[aria-labelledby=given] td button")
    delegate.goto(f"{console}/inbox")
    assert delegate.locator("tbody tr").count() == 0
