"""Why a seat went where it went: one sentence for every application, in Korean and English."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.ids import CaseId
from schemas.ranking import Ranked
from schemas.round import Round
from schemas.selection import Quota
from workflows.definitions.quotas import keys_of
from workflows.definitions.seats import as_published, entries_of, seating_of
from workflows.engine.moments import SEOUL


@dataclass(frozen=True, slots=True)
class Sentence:
    """The same said in Korean and in English."""

    ko: str
    en: str


WHY = {
    "declined": Sentence("제안 거절", "declined"),
    "expired": Sentence("응답 기한 경과", "not answered in time"),
    "withdrawn": Sentence("지원 철회", "withdrew"),
    "skipped": Sentence("두 사람의 결정으로 건너뜀", "passed over by two people's decision"),
    "deferred": Sentence("다음 모집으로 미룸", "waits for the next round"),
    "ineligible": Sentence("자격 미달", "found not eligible"),
    "no_show": Sentence("불참", "did not show up"),
}
"""What the codes mean by which an application gives back what it holds; others are not explained."""


def place_of(round_: Round, application: CaseId, coming: Round | None = None) -> Sentence:
    """Say where an application stands in the order, and why it has a seat, waits, or has neither.

    Args:
        round_: The round.
        application: Whose place.
        coming: The round `as_published`, from whoever asks about many before the publication; else it is worked out.
    """
    if round_.ranking is None:
        return Sentence("아직 순위가 확정되지 않았습니다.", "The round is not ranked yet.")
    if not round_.told:
        would = _place_of(as_published(round_) if coming is None else coming, application)
        return Sentence(
            f"발표 전, 이대로 발표하면: {would.ko}", f"If published as it stands (not published yet): {would.en}"
        )
    return _place_of(round_, application)


def _place_of(round_: Round, application: CaseId) -> Sentence:
    ranked = None if round_.ranking is None else round_.ranking.document.places.get(application)
    where, place = _where(round_, ranked)
    held = _held(round_, application)
    if held is not None:
        why = _came_to_it(round_, application, ranked)
        return Sentence(f"{where.ko}. {held.ko}{why.ko}.", f"{where.en}; {held.en}{why.en}.")
    if ranked is None:
        return Sentence(f"{place.ko}.", f"{place.en} in this round.")
    if ranked.rank in round_.merged:
        return Sentence(f"{place.ko}: 추가모집 순위로 옮겨졌습니다.", f"{place.en}: moved to the supplementary round.")
    if ranked.rank in round_.waiting:
        return _waits(round_, ranked, place)
    total, seats, places = len(entries_of(round_)), round_.terms.capacity, round_.terms.waitlist
    quota = _quota(round_, ranked, _seated_below(round_, ranked))
    kept = None if quota is None else _kept_by(quota, ranked)
    ko, en = ("", "") if kept is None else (f" {kept.ko}.", f"; {kept.en}")
    return Sentence(
        f"{total}명 중 {place.ko}: 정원 {seats}명과 예비 {places}명 안에 들지 못했습니다.{ko}",
        f"{place.en} of {total}: neither one of {seats} seats nor of {places} places on the waitlist{en}.",
    )


def _held(round_: Round, application: CaseId) -> Sentence | None:
    """Say what the application holds, or that it holds nothing any more; None if it waits or never held anything."""
    over = _over(round_, application)
    if application in round_.offers:
        until = _kst(round_.offers[application])
        return Sentence(f"{until}까지 자리를 확보해 두었습니다{over.ko}", f"seat held until {until}{over.en}")
    if application in round_.taken:
        return Sentence(f"자리를 확정했습니다{over.ko}", f"the seat is taken{over.en}")
    if application in round_.claims:
        return Sentence("다음 빈자리를 먼저 받습니다", "first claim on the next free seat")
    if application in round_.left:
        why = WHY.get(round_.reasons.get(application, ""))
        ko, en = ("", "") if why is None else (f" ({why.ko})", f" ({why.en})")
        return Sentence(f"더 이상 순번에 있지 않습니다{ko}", f"out of the order since{en}")
    return None


def _came_to_it(round_: Round, application: CaseId, ranked: Ranked | None) -> Sentence:
    """Say how a rank beyond the number of seats came to hold one: who before it holds none, and why."""
    holds = application in round_.offers or application in round_.taken
    if ranked is None or not holds or application in round_.extra or ranked.rank <= round_.terms.capacity:
        return Sentence("", "")
    before = entries_of(round_)[: ranked.rank - 1]
    gone = sum(other.application in round_.left for other in before)
    seen = {*round_.left, *round_.offers, *round_.taken, *round_.claims}
    nothing = sum(other.application not in seen and other.rank not in round_.merged for other in before)
    held_back = nothing if round_.selection.quotas else 0
    ko = [f"{gone}명이 순번에서 나감"] * bool(gone) + [f"{held_back}명이 인원 제한으로 대기"] * bool(held_back)
    en = [f"{gone} out of the order"] * bool(gone) + [f"{held_back} held back by quotas"] * bool(held_back)
    return (
        Sentence(f" (앞 순위 중 {', '.join(ko)})", f" (of the ranks before: {', '.join(en)})")
        if en
        else Sentence("", "")
    )


def was_passed_over(round_: Round, application: CaseId) -> Quota | None:
    """Give the quota because of which somebody of a lower rank has a seat and this application waits."""
    ranked = None if round_.ranking is None else round_.ranking.document.places.get(application)
    if ranked is None or ranked.rank not in round_.waiting:
        return None
    return _quota(round_, ranked, _seated_below(round_, ranked))


def _where(round_: Round, ranked: Ranked | None) -> tuple[Sentence, Sentence]:
    """Give the rank, beside the number of seats where it lies within them, and alone."""
    if ranked is None:
        unranked = Sentence("순위 없음(이의신청 인용 등)", "Not ranked")
        return unranked, unranked
    place = Sentence(f"{ranked.rank}위", _ordinal(ranked.rank))
    capacity = round_.terms.capacity
    if ranked.rank <= capacity:
        return Sentence(f"정원 {capacity}명 중 {place.ko}", f"{place.en} of {capacity}"), place
    return place, place


def _waits(round_: Round, ranked: Ranked, place: Sentence) -> Sentence:
    position = round_.waiting.index(ranked.rank) + 1
    below = _seated_below(round_, ranked)
    quota = _quota(round_, ranked, below)
    if not below:
        ko, en = f"정원 {round_.terms.capacity}명이 순위대로 먼저 배정되었습니다", "every seat went to a higher rank"
    elif quota is None:
        ko = "인용된 이의신청이나 인정된 응답이 빈자리를 먼저 받았습니다"
        en = "a seat went first to an upheld appeal or a granted claim"
    else:
        why = _kept_by(quota, ranked)
        ko, en = why.ko, why.en
    return Sentence(f"{place.ko}: 예비 {position}번. {ko}.", f"{place.en}: {_ordinal(position)} on the waitlist; {en}.")


def _kept_by(quota: Quota, ranked: Ranked) -> Sentence:
    """Say how a quota kept a seat from this application while somebody of a lower rank has one."""
    if quota.maximum is not None and (quota.field, quota.value) in keys_of(ranked.groups):
        return Sentence(
            f"{quota.value} 인원({quota.maximum}명)이 찼습니다", f"the {quota.value} quota ({quota.maximum}) was full"
        )
    return Sentence(
        f"{quota.value} 최소 인원({quota.minimum}명)을 위해 자리를 남겨 두었습니다",
        f"seats were kept for the minimum of {quota.value} ({quota.minimum})",
    )


def _seated_below(round_: Round, ranked: Ranked) -> list[Ranked]:
    """Give whoever has one of the seats at a lower rank; a seat over capacity took none from anybody."""
    places = {} if round_.ranking is None else round_.ranking.document.places
    seated = (places.get(each) for each in (*round_.offers, *round_.taken) if each not in round_.extra)
    return [other for other in seated if other is not None and other.rank > ranked.rank]


def _quota(round_: Round, ranked: Ranked, below: Sequence[Ranked]) -> Quota | None:
    """Give what kept a seat from this application: a maximum that is full, else a minimum of who has one below it."""
    if not below:
        return None
    full = seating_of(round_).full(ranked.groups)
    if full is not None:
        return full
    theirs = {key for other in below for key in keys_of(other.groups)} - set(keys_of(ranked.groups))
    others = (quota for quota in round_.selection.quotas if quota.minimum and (quota.field, quota.value) in theirs)
    return next(others, None)


def _over(round_: Round, application: CaseId) -> Sentence:
    if application not in round_.extra:
        return Sentence("", "")
    return Sentence(" (두 사람이 승인한 정원 외 자리)", " (over capacity, granted by two people)")


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _kst(moment: datetime) -> str:
    return f"{moment.astimezone(SEOUL):%Y-%m-%d %H:%M} KST"
