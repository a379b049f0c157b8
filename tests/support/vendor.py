"""Stands in for the providers' APIs, over real HTTP, in the shape that they document."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

FOLDER = Path(__file__).parents[1] / "providers"
FILTER = re.compile(r"timestamp (>=?) (\S+)")
WEEK = timedelta(days=7)


def sample(name: str) -> Any:
    """Give what a provider sends, as its documentation shows it."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@dataclass
class Vendor:
    """What the providers hold, and how they behave.

    Attributes:
        status: What every call is answered; 200 while all is well.
        renews: What a renewal is answered.
        raw: What every call is answered with instead of JSON.
        location: Where every answer says that the thing is.
        page: How many responses make a page.
        calls: Every call: method, path and query.
    """

    now: datetime
    responses: list[dict[str, Any]] = field(default_factory=list)
    watches: list[dict[str, Any]] = field(default_factory=list)
    submissions: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: int = 200
    renews: int = 200
    page: int = 5000
    raw: bytes | None = None
    location: str = ""
    calls: list[tuple[str, str, dict[str, list[str]]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:  # noqa: PLR0911
        """Give the status and the body for a call."""
        if self.status != 200:
            return self.status, {"error": {"code": self.status, "message": "a message that may hold anything"}}
        match path.strip("/").split("/"):
            case ["v1", "forms", _, "responses"]:
                return 200, self._responses(query)
            case ["v1", "forms", _, "watches"] if method == "GET":
                return 200, {"watches": self.watches} if self.watches else {}
            case ["v1", "forms", _, "watches"]:
                self.watches.append(self._lasting({**sample("google_watch"), "id": f"watch-{len(self.watches)}"}))
                return 200, self.watches[-1]
            case ["v1", "forms", _, "watches", name] if name.endswith(":renew"):
                found = [each for each in self.watches if each["id"] == name.removesuffix(":renew")]
                if self.renews != 200 or not found:
                    return self.renews if self.renews != 200 else 404, {"error": {"code": 404}}
                found[0].update(self._lasting(found[0]))
                return 200, found[0]
            case ["submission", name] if name in self.submissions:
                return 200, {**sample("jotform_submission"), "content": self.submissions[name]}
            case ["form", _, "submissions"]:
                return 200, {"responseCode": 200, "message": "success", "content": self._submissions(query)}
        return 404, {"responseCode": 404, "message": "Not Found"}

    def _lasting(self, watch: dict[str, Any]) -> dict[str, Any]:
        return {**watch, "expireTime": (self.now + WEEK).isoformat().replace("+00:00", "Z")}

    def _responses(self, query: dict[str, list[str]]) -> dict[str, Any]:
        found = self.responses
        if "filter" in query:
            match = FILTER.fullmatch(query["filter"][0])
            assert match is not None, query
            assert match[2].endswith("Z"), query
            found = [each for each in found if _instant(each["lastSubmittedTime"]) >= _instant(match[2])]
        start = int(query.get("pageToken", ["0"])[0])
        page = found[start : start + self.page]
        more = {"nextPageToken": str(start + self.page)} if start + self.page < len(found) else {}
        return {**({"responses": page} if page else {}), **more}

    def _submissions(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        wanted = json.loads(query.get("filter", ["{}"])[0])
        found = [
            each
            for each in self.submissions.values()
            if all((each[name.removesuffix(":gt")] or "") > least for name, least in wanted.items())
        ]
        offset = int(query["offset"][0])
        return found[offset : offset + int(query["limit"][0])]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@contextmanager
def vendor_at(now: datetime) -> Iterator[Vendor]:
    """Serve a provider on a free port."""
    vendor = Vendor(now)

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            place = urlsplit(self.path)
            query = parse_qs(place.query)
            vendor.calls.append((self.command, place.path, query))
            vendor.headers.append(dict(self.headers))
            status, content = vendor.answer(self.command, place.path, query)
            body = json.dumps(content).encode() if vendor.raw is None else vendor.raw
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if vendor.location:
                self.send_header("Location", vendor.location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _serve  # noqa: N815  the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
