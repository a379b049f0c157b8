"""What is dear is made when it is used, once, however many ask for it first."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest

from functions.deferred import deferred


def test_it_is_made_when_something_of_it_is_asked_for_and_then_kept() -> None:
    made: list[int] = []

    stand_in = deferred(lambda: made.append(1) or Fraction(1, 3))

    assert made == []
    assert [stand_in.numerator, stand_in.denominator] == [1, 3]
    assert made == [1]


def test_of_sixteen_that_ask_at_once_one_makes_it_and_all_get_it() -> None:
    made: list[int] = []
    together = threading.Barrier(16)

    def make() -> Fraction:
        made.append(1)
        time.sleep(0.05)
        return Fraction(1, 3)

    stand_in = deferred(make)

    def ask(_number: int) -> int:
        together.wait()
        return stand_in.denominator

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(ask, range(16))) == [3] * 16
    assert made == [1]


def test_what_could_not_be_made_is_tried_again() -> None:
    answers = iter([OSError("not yet"), Fraction(1, 3)])

    def make() -> Fraction:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    stand_in = deferred(make)

    with pytest.raises(OSError, match="not yet"):
        _ = stand_in.denominator
    assert stand_in.denominator == 3
