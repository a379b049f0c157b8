"""Traces are read as W3C Trace Context writes them, and begun where none is well written."""

import pytest

from functions.observe.call import calling, follow, passed_on, step
from functions.observe.trace import begin, read

WRITTEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_call_goes_on_with_the_trace_of_its_caller() -> None:
    trace = begin(WRITTEN)

    assert (trace.trace, trace.parent, trace.is_sampled) == (WRITTEN[3:35], WRITTEN[36:52], True)
    assert read(str(trace)).trace == trace.trace  # type: ignore[union-attr]
    assert trace.span not in {WRITTEN[36:52], begin(WRITTEN).span}


@pytest.mark.parametrize(
    "written",
    [
        *(None, "", "x", WRITTEN.upper(), WRITTEN[:-1], WRITTEN + "0", WRITTEN + "-more", "ff" + WRITTEN[2:]),
        *("00-" + "0" * 32 + WRITTEN[35:], WRITTEN[:36] + "0" * 16 + "-01", "김하늘", WRITTEN + "\n"),
    ],
)
def test_what_is_not_well_written_begins_a_new_trace(written: str | None) -> None:
    trace = begin(written)

    assert read(written) is None
    assert (trace.parent, len(trace.trace), len(trace.span)) == ("", 32, 16)


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert read("01" + WRITTEN[2:] + "-more") == read(WRITTEN)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 200)])
def test_of_the_new_traces_a_share_is_sampled(share: float, expected: int) -> None:
    assert sum(begin(None, share=share).is_sampled for _ in range(200)) == expected


def test_a_message_places_the_call_into_its_trace() -> None:
    with calling("advance", "00-" + "1" * 32 + "-" + "2" * 16 + "-00") as call:
        follow(WRITTEN)

        assert passed_on() == {"traceparent": f"{WRITTEN[:35]}-{call.trace.span}-01"}


def test_every_span_says_whose_it_is_or_cloud_trace_refuses_it() -> None:
    from functions.observe.spans import spans_of  # noqa: PLC0415  its libraries are large

    with calling("advance", WRITTEN) as call:
        with step("Commit"):
            pass
        spans = spans_of(call, 204, "gwangju")

    assert [span.resource.attributes["gcp.project_id"] for span in spans] == ["gwangju"] * 2


def test_outside_of_calls_nothing_is_passed_on() -> None:
    follow(WRITTEN)

    assert passed_on() == {}
