"""How every call to Google is made: once, within seconds, and with our names for what goes wrong.

Left alone, the libraries repeat a commit for a minute and a publish for ten, and report a lost answer as a lost race.
Here nothing is repeated: whoever asked can read what became of it, or is called again by the platform.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from google.api_core import exceptions as vendor
from google.api_core.retry import Retry, if_exception_type

from workflows.runtime.errors import Unavailable

CALL_SECONDS_MAX = 5.0
"""For one document or one batch; less than `advance` goes on trying."""

PAGE_SECONDS_MAX = 20.0
"""For a page of documents."""

ONCE = Retry(predicate=if_exception_type())
"""For queries: there the Firestore library trips over `retry=None` when an answer breaks off half-way (2.34.1)."""

_PASSING = (
    vendor.Aborted,
    vendor.BadGateway,
    vendor.Cancelled,
    vendor.DeadlineExceeded,
    vendor.InternalServerError,
    vendor.ResourceExhausted,
    vendor.RetryError,
    vendor.ServiceUnavailable,
    vendor.Unknown,
)


@contextmanager
def asking(whom: str) -> Iterator[None]:
    """Turn what passes by itself into `Unavailable`; anything else is our own fault and stays what it is.

    Raises:
        Unavailable: It may have been done, or not.
    """
    try:
        yield
    except _PASSING as error:
        raise Unavailable(f"[{whom}] {type(error).__name__}") from error


def origin_of(url: str) -> str:
    """Give whom a token is made out to that is sent to an address: Cloud Run takes no other name for its own."""
    scheme, host, *_ = urlsplit(url)
    return f"{scheme}://{host}"
