"""Asks a deployed Sadari from outside whether it is there, and whether it is closed to strangers.

python3 scripts/smoke.py APP.json     what `terraform output -json app` prints

It writes nothing: it reads health and pages, and knocks at every door without a key.  One line for each look; ends with
1 if something is not as it should be.  It needs nothing but Python, so it runs wherever the deployment ran.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

OPEN = ("api", "console", "intake", "portal")
"""What people and partners reach; each also answers whether it is well."""

REFUSED = frozenset({401, 403, 404})
"""How a door answers a stranger: our own word, that of Cloud Run, or as if there were none."""

LOOKS = {
    "api": ("GET", "/v1/subscriptions", frozenset({401})),
    "console": ("GET", "/", frozenset({200, 302, 303})),
    "intake": ("POST", "/desk", frozenset({401, 403, 404})),
    "portal": ("GET", "/static/portal.css", frozenset({200})),
}
"""What a stranger sees there."""

TRIES, PAUSE_SECONDS, CALL_SECONDS_MAX = 5, 6, 30


class Look(NamedTuple):
    """One question from outside, and the answers that are as they should be."""

    function: str
    method: str
    url: str
    right: frozenset[int]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Stays where it was sent: where it would be sent to is somebody else's."""

    def redirect_request(self, *_: object) -> None:
        """Go nowhere."""


_opener = urllib.request.build_opener(NoRedirect)


def looks(urls: Mapping[str, str]) -> Iterator[Look]:
    """Give every look at every function."""
    for name, url in sorted(urls.items()):
        if name in OPEN:
            yield Look(name, "GET", f"{url}/health", frozenset({200}))
            yield Look(name, "GET", f"{url}/health/ready", frozenset({200}))
            method, path, right = LOOKS[name]
            yield Look(name, method, url + path, right)
        else:
            yield Look(name, "POST", url, REFUSED)


def status_of(look: Look) -> int:
    """Give the status of the answer; 0 if there is none."""
    body = b"{}" if look.method == "POST" else None
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(look.url, body, headers, method=look.method)  # noqa: S310  of a deployment
    try:
        with _opener.open(asked, timeout=CALL_SECONDS_MAX) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def is_right(look: Look, *, tries: int = TRIES) -> bool:
    """Tell, and say, whether the answer is as it should be; a new revision may take a while to be there."""
    for left in reversed(range(tries)):
        status = status_of(look)
        if status in look.right or not left:
            break
        time.sleep(PAUSE_SECONDS)
    is_as_wanted = status in look.right
    wanted = "" if is_as_wanted else f", not {' or '.join(map(str, sorted(look.right)))}"
    verdict, answer = ("ok   " if is_as_wanted else "WRONG"), status or "no answer"
    sys.stdout.write(f"{verdict} {look.function:8} {look.method:4} {look.url}: {answer}{wanted}\n")
    return is_as_wanted


def main(path: str, tries: int = TRIES) -> int:
    """Look at everything; 1 if something is wrong."""
    urls = {name: each["url"].rstrip("/") for name, each in json.loads(Path(path).read_text())["functions"].items()}
    if missing := sorted(set(OPEN) - set(urls)):
        sys.stdout.write(f"WRONG {', '.join(missing)}: not deployed\n")
        return 1
    wrong = [look for look in looks(urls) if not is_right(look, tries=tries)]
    sys.stdout.write(f"{len(wrong)} wrong\n" if wrong else "all is as it should be\n")
    return int(bool(wrong))


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():  # noqa: PLR2004 - the script and one file
        sys.exit("smoke.py: name one file, with what `terraform output -json app` prints")
    sys.exit(main(sys.argv[1]))
