"""What partners read from a topic can be filtered by facts that are not personal, exactly as a subscription is."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import CATALOGUE
from schemas.ids import CaseId, MessageId
from schemas.messages import Notice
from schemas.roles import PARTNERS
from schemas.subscriptions import Subscription, SubscriptionId
from tests.support.pubsub_filter import Filter
from workflows.runtime.fan_out import is_for
from workflows.runtime.feed import attributes_of, filter_of

NOON = datetime(2027, 6, 1, 3, 0, tzinfo=UTC)
NAMES = [
    each.data.__name__ for each in CATALOGUE if each.data.__name__ not in {"ConsentWithdrawn", "SubscriptionTested"}
]
PATTERNS = [each.type for each in CATALOGUE] + ["kr.sadari.*", "kr.sadari.learning.*", "kr.sadari.admission.*"]
TEXTS = st.sampled_from(["", "2027", "2027-1", 'a"b\\'])


def a_notice(**changed: Any) -> Notice:
    told = {"id": MessageId("n"), "type": "PhaseCompleted", "role": PARTNERS.name, "case": CaseId("c"), "at": NOON}
    return Notice(**{**told, "workflow": "enrolment", "person": "person-1", **changed})


@given(
    patterns=st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2),
    limits=st.tuples(TEXTS, TEXTS),
    told=st.tuples(st.sampled_from(NAMES), TEXTS, TEXTS),
)
def test_a_filter_lets_pass_what_a_subscription_would_be_sent(
    patterns: list[str], limits: tuple[str, str], told: tuple[str, str, str]
) -> None:
    name, cohort, programme = told
    notice = a_notice(type=name, cohort=cohort, programme=programme)
    subscription = Subscription(
        id=SubscriptionId("s"),
        partner="city",
        url="https://city.example/",
        types=tuple(patterns),
        cohort=limits[0],
        programme=limits[1],
        contact="a@b.cd",
        made_by="kim",
        made_at=NOON,
    )

    text = filter_of(patterns, cohort=limits[0], programme=limits[1])

    assert Filter(text).passes(attributes_of(notice)) is is_for(subscription, notice)


def test_what_stands_beside_an_event_is_never_personal() -> None:
    found = attributes_of(a_notice(cohort="2027", programme="ai"))

    assert found == {
        "content-type": "application/cloudevents+json; charset=utf-8",
        "id": "n",
        "type": "kr.sadari.learning.phase.passed.v1",
        "cohort": "2027",
        "programme": "ai",
    }


def test_a_filter_that_pubsub_would_refuse_is_refused_before() -> None:
    with pytest.raises(ValueError, match="longer than 256 bytes"):
        filter_of([each.type for each in CATALOGUE])
