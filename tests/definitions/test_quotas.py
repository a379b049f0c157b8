"""Reserved and limited seats, held against a second, slow model that was written from the rules alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId
from schemas.ranking import Ranked, Ranking
from schemas.round import Round
from schemas.selection import GROUPS, Quota, Selection
from tests.support.cohort import CALENDAR, TERMS
from workflows.definitions.quotas import Seating, faults, fill, groups_of, keys_of
from workflows.definitions.seats import allocate

NOW = CALENDAR.results_at
A, B, C, D, E, F, G, H = (CaseId(f"application-{number}") for number in range(1, 9))

Groups = Mapping[str, str]


# ---- the slow model: every question is answered by counting everybody again


def is_barred(groups: Groups, quotas: Sequence[Quota], held: Sequence[Groups]) -> bool:
    """A maximum of one of the groups is reached."""
    return any(
        quota.maximum is not None
        and groups.get(quota.field) == quota.value
        and sum(each.get(quota.field) == quota.value for each in held) >= quota.maximum
        for quota in quotas
    )


def unmet(quota: Quota, quotas: Sequence[Quota], held: Sequence[Groups], waiting: Sequence[Ranked]) -> int:
    """How many seats have to be kept for a group: what it lacks, but no more than wait who may take one."""
    most = quota.minimum if quota.maximum is None else min(quota.minimum, quota.maximum)
    lacks = most - sum(each.get(quota.field) == quota.value for each in held)
    could = sum(
        each.groups.get(quota.field) == quota.value and not is_barred(each.groups, quotas, held) for each in waiting
    )
    return min(max(lacks, 0), could)


def filled(quotas: Sequence[Quota], seats: int, held: Sequence[Groups], waiting: Sequence[Ranked]) -> list[CaseId]:
    """Who gets the free seats, by the rules as they are written."""
    held, left, chosen = list(held), sorted(waiting, key=lambda each: each.rank), []
    while seats > 0:
        may = [each for each in left if not is_barred(each.groups, quotas, held)]
        kept = {
            name: [(quota, unmet(quota, quotas, held, left)) for quota in quotas if quota.field == name]
            for name in GROUPS
        }

        def needs(groups: Groups, name: str, kept: Any = kept) -> bool:
            return any(count and groups.get(name) == quota.value for quota, count in kept[name])

        def fits(groups: Groups, kept: Any = kept, needs: Any = needs, seats: int = seats) -> bool:
            return all(sum(count for _, count in kept[name]) - needs(groups, name) <= seats - 1 for name in GROUPS)

        fitting = [each for each in may if fits(each.groups)]
        needed = [each for each in may if any(needs(each.groups, name) for name in GROUPS)]
        best = next(iter(fitting or needed or may), None)
        if best is None:
            break
        chosen.append(best.application)
        left.remove(best)
        held.append(best.groups)
        seats -= 1
    return chosen


VALUES = {"university": ("전남", "조선", "호남"), "track": ("ai", "iot"), "region": ("광주", "전남")}
KEYS = [(name, value) for name, values in VALUES.items() for value in values]
A_QUOTA = st.tuples(st.sampled_from(KEYS), st.integers(0, 4), st.one_of(st.none(), st.integers(0, 4))).map(
    lambda made: Quota(field=made[0][0], value=made[0][1], minimum=made[1], maximum=made[2])
)
QUOTAS = st.lists(A_QUOTA, max_size=5, unique_by=lambda quota: (quota.field, quota.value))
SOME_GROUPS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})
CROWD = st.lists(SOME_GROUPS, max_size=14)


def ranked(crowd: Sequence[Groups]) -> list[Ranked]:
    """Rank so many applications, the first one best."""
    return [
        Ranked(application=CaseId(f"application-{rank}"), rank=rank, score=100 - rank, groups=dict(groups))
        for rank, groups in enumerate(crowd, 1)
    ]


def a_round(crowd: Sequence[Groups], quotas: Sequence[Quota], **changed: Any) -> Round:
    """Give a round in which all of these wait."""
    ranking = Ranking(round=CaseId("round-1"), rule="score", entries=tuple(ranked(crowd)))
    given: dict[str, Any] = {
        "round": CaseId("round-1"),
        "cohort": "2027",
        "programme": "ai-academy",
        "calendar": CALENDAR,
        "terms": TERMS,
        "selection": Selection(quotas=tuple(quotas)),
        "ranking": Fact(fact_id_of(ranking), ranking),
        "waiting": tuple(range(1, len(crowd) + 1)),
        **changed,
    }
    return Round(**given)


@settings(max_examples=400)
@given(QUOTAS, st.integers(0, 8), st.lists(SOME_GROUPS, max_size=4), CROWD)
def test_seats_are_filled_as_the_rules_say(
    quotas: list[Quota], seats: int, held: list[Groups], crowd: list[Groups]
) -> None:
    seating = Seating.under(quotas, seats + len(held))
    for groups in held:
        seating.seat(groups)

    chosen = [each.application for each in fill(seating, ranked(crowd))]

    assert chosen == filled(quotas, seats, held, ranked(crowd))


@settings(max_examples=400)
@given(QUOTAS, st.integers(0, 8), CROWD)
def test_no_maximum_is_passed_and_no_seat_is_given_twice_or_over_the_capacity(
    quotas: list[Quota], seats: int, crowd: list[Groups]
) -> None:
    chosen = list(fill(Seating.under(quotas, seats), ranked(crowd)))

    counts = Counter(key for each in chosen for key in keys_of(each.groups))
    assert len({each.application for each in chosen}) == len(chosen) <= seats
    assert [
        quota for quota in quotas if quota.maximum is not None and counts[quota.field, quota.value] > quota.maximum
    ] == []


@settings(max_examples=300)
@given(QUOTAS, st.integers(0, 8), CROWD)
def test_a_seat_stays_empty_only_if_nobody_who_waits_may_take_it(
    quotas: list[Quota], seats: int, crowd: list[Groups]
) -> None:
    chosen = list(fill(Seating.under(quotas, seats), ranked(crowd)))

    held = [each.groups for each in chosen]
    left = [each for each in ranked(crowd) if each not in chosen and not is_barred(each.groups, quotas, held)]
    assert len(chosen) == seats or left == []


@settings(max_examples=300)
@given(
    st.lists(A_QUOTA.filter(lambda quota: quota.field == "university"), max_size=3, unique_by=lambda each: each.value),
    st.integers(0, 8),
    CROWD,
)
def test_minima_of_one_field_that_fit_are_met_by_as_many_as_wait(
    quotas: list[Quota], seats: int, crowd: list[Groups]
) -> None:
    waits = Counter(groups.get("university") for groups in crowd)
    wanted = {
        quota.value: min(quota.minimum, waits[quota.value], quota.minimum if quota.maximum is None else quota.maximum)
        for quota in quotas
    }

    got = Counter(each.groups.get("university") for each in fill(Seating.under(quotas, seats), ranked(crowd)))

    if sum(wanted.values()) <= seats:
        assert {value: count for value, count in wanted.items() if got[value] < count} == {}


@settings(max_examples=300)
@given(QUOTAS, st.integers(0, 6), CROWD, st.data())
def test_a_round_offers_its_free_seats_as_the_rules_say(
    quotas: list[Quota], capacity: int, crowd: list[Groups], data: st.DataObject
) -> None:
    everybody = [each.application for each in ranked(crowd)]
    parts = data.draw(
        st.lists(
            st.sampled_from(["waits", "taken", "extra", "left", "claims"]), min_size=len(crowd), max_size=len(crowd)
        )
    )
    of = {name: [one for one, part in zip(everybody, parts, strict=True) if part == name] for name in set(parts)}
    groups = dict(zip(everybody, crowd, strict=True))
    taken = [*of.get("taken", []), *of.get("extra", [])]
    round_ = a_round(
        crowd,
        quotas,
        terms=TERMS.model_copy(update={"capacity": capacity}),
        taken=tuple(taken),
        extra=tuple(of.get("extra", [])),
        left=dict.fromkeys(of.get("left", []), 1),
        claims={one: groups[one] for one in of.get("claims", [])},
        waiting=tuple(rank for rank, part in enumerate(parts, 1) if part == "waits"),
    )

    offered = allocate(round_, NOW)

    held = [groups[one] for one in of.get("taken", [])]
    granted = []
    for one in of.get("claims", []):
        if len(held) < capacity and not is_barred(groups[one], quotas, held):
            granted.append(one)
            held.append(groups[one])
    waiting = [each for each, part in zip(ranked(crowd), parts, strict=True) if part == "waits"]
    expected = filled(quotas, capacity - len(held), held, waiting)
    assert list(offered.offers) == [*granted, *expected]
    assert offered.fresh == {**dict.fromkeys(granted, 0), **{one: everybody.index(one) + 1 for one in expected}}
    assert list(offered.claims) == [one for one in of.get("claims", []) if one not in granted]
    assert offered.waiting == tuple(each.rank for each in waiting if each.application not in expected)


# ---- by example


def university(name: str, **bounds: int) -> Quota:
    return Quota(field="university", value=name, **bounds)


def who(quotas: Sequence[Quota], seats: int, *universities: str) -> list[int]:
    """The ranks that get seats, where the applicants come from these universities in the order of rank."""
    crowd = ranked([{"university": name} if name else {} for name in universities])
    return [each.rank for each in fill(Seating.under(quotas, seats), crowd)]


def test_without_quotas_seats_go_by_rank() -> None:
    assert who([], 2, "전남", "전남", "조선") == [1, 2]


def test_a_maximum_passes_over_the_next_of_its_group() -> None:
    assert who([university("전남", maximum=1)], 2, "전남", "전남", "조선") == [1, 3]


def test_a_maximum_leaves_a_seat_empty_rather_than_be_passed() -> None:
    assert who([university("전남", maximum=1)], 3, "전남", "전남", "전남") == [1]


def test_a_minimum_keeps_the_last_seats_for_its_group() -> None:
    assert who([university("호남", minimum=1)], 3, "전남", "전남", "전남", "호남") == [1, 2, 4]


def test_a_minimum_takes_nothing_from_whoever_meets_it_by_rank() -> None:
    assert who([university("호남", minimum=1)], 2, "호남", "전남", "호남") == [1, 2]


def test_a_minimum_that_nobody_waits_for_keeps_no_seat() -> None:
    assert who([university("호남", minimum=2)], 3, "전남", "전남", "전남", "호남") == [1, 2, 4]
    assert who([university("호남", minimum=2)], 2, "전남", "전남") == [1, 2]


def test_a_minimum_counts_no_more_than_the_maximum_beside_it() -> None:
    assert who([university("호남", minimum=2, maximum=1)], 2, "전남", "호남", "호남") == [1, 2]


def test_whoever_names_no_group_counts_for_none() -> None:
    assert who([university("전남", maximum=0)], 2, "", "전남", "") == [1, 3]


def test_one_seat_may_meet_reservations_of_two_fields() -> None:
    quotas = [university("호남", minimum=1), Quota(field="track", value="iot", minimum=1)]
    crowd = ranked(
        [
            {"university": "전남", "track": "ai"},
            {"university": "호남", "track": "ai"},
            {"university": "전남", "track": "iot"},
            {"university": "호남", "track": "iot"},
        ]
    )

    assert [each.rank for each in fill(Seating.under(quotas, 1), crowd)] == [4]
    assert [each.rank for each in fill(Seating.under(quotas, 2), crowd)] == [1, 4]


def test_where_reservations_exclude_each_other_the_best_who_has_one_goes_first() -> None:
    quotas = [university("호남", minimum=1), Quota(field="track", value="iot", minimum=1)]
    crowd = ranked(
        [
            {"university": "전남", "track": "ai"},
            {"university": "호남", "track": "ai"},
            {"university": "전남", "track": "iot"},
        ]
    )

    assert [each.rank for each in fill(Seating.under(quotas, 1), crowd)] == [2]


def test_a_group_that_is_full_keeps_no_seats_for_another_field() -> None:
    # Only 3 is of the track, and their university is full: nothing is kept for a track that nobody can fill.
    quotas = [university("호남", maximum=0), Quota(field="track", value="iot", minimum=1)]
    crowd = ranked([{"university": "전남"}, {"university": "조선"}, {"university": "호남", "track": "iot"}])

    assert [each.rank for each in fill(Seating.under(quotas, 1), crowd)] == [1]


def test_the_groups_of_a_subject_are_the_fields_that_say_something() -> None:
    class Subject:
        university, track, region = "전남", "", "광주"

    assert groups_of(Subject()) == {"university": "전남", "region": "광주"}
    assert groups_of(object()) == {}


# ---- what cannot hold


def crowd_of(**counts: int) -> list[Ranked]:
    return ranked([{"university": name} for name, count in counts.items() for _ in range(count)])


@pytest.mark.parametrize(
    ("quotas", "capacity", "said"),
    [
        ([], 4, []),
        ([university("전남", minimum=1, maximum=2), university("조선", minimum=1)], 4, []),
        (
            [university("전남", minimum=3, maximum=2)],
            4,
            ["전남: the minimum of 3 is above the maximum of 2."],
        ),
        ([university("호남", minimum=1)], 4, ["호남: 1 are reserved, but only 0 are ranked."]),
        ([university("조선", minimum=4)], 4, ["조선: 4 are reserved, but only 3 are ranked."]),
        (
            [university("전남", minimum=2), university("조선", minimum=3)],
            4,
            ["university: the minima add up to 5, above the 4 seats."],
        ),
        (
            [university("전남", maximum=1), university("조선", maximum=1)],
            4,
            ["university: the maxima allow 2, so that 4 seats are not filled."],
        ),
        ([university("전남", maximum=1)], 4, []),
    ],
    ids=["none", "fine", "minimum over maximum", "empty group", "small group", "minima", "maxima", "one maximum"],
)
def test_contradictory_quotas_are_explained(quotas: list[Quota], capacity: int, said: list[str]) -> None:
    found = faults(quotas, capacity, crowd_of(전남=3, 조선=3))

    assert [fault.en for fault in found] == said
    assert [fault for fault in found if not fault.ko or fault.ko == fault.en] == []


def test_whoever_names_no_group_can_fill_what_the_maxima_leave() -> None:
    entries = ranked([{"university": "전남"}, {"university": "전남"}, {}])

    assert faults([university("전남", maximum=1)], 2, entries) == []
    assert len(faults([university("전남", maximum=1)], 3, entries)) == 1


@settings(max_examples=300)
@given(st.lists(A_QUOTA, max_size=4, unique_by=lambda quota: (quota.field, quota.value)), st.integers(1, 8), CROWD)
def test_quotas_of_one_field_without_faults_are_all_kept(quotas: list[Quota], seats: int, crowd: list[Groups]) -> None:
    of_one = [quota for quota in quotas if quota.field == "university"]
    if faults(of_one, seats, ranked(crowd)):
        return

    chosen = list(fill(Seating.under(of_one, seats), ranked(crowd)))

    counts = Counter(key for each in chosen for key in keys_of(each.groups))
    assert len(chosen) == min(seats, len(crowd))
    assert [quota for quota in of_one if counts[quota.field, quota.value] < quota.minimum] == []
