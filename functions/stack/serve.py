"""Serves every function in one process, each under its own name, as functions-framework runs it.

python serve.py MAIN PORT NICENESS

It imports none of the rooms itself, so that what is served is whatever lies beside MAIN.
"""

import json
import os
import sys
import threading
import time
from typing import Any

import functions_framework
from gunicorn.app.base import BaseApplication
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

NAMES = (
    "intake",
    "advance",
    "ring",
    "sweep",
    "bury",
    "deliver",
    "attempt",
    "collect",
    "reports",
    "console",
    "portal",
    "api",
)
THREADS = 8


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, application: Any, options: dict[str, Any]) -> None:
        self._application = application
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._application


def application(main: str) -> Any:
    """Give the WSGI application that routes `/{name}/...` to each function."""
    apps = {f"/{name}": _rooted(functions_framework.create_app(name, main)) for name in NAMES}
    return DispatcherMiddleware(NotFound(), apps)


def _rooted(app: Any) -> Any:
    """A function's own root is `/`; without it Flask would redirect `/{name}` to `/{name}/`."""

    def call(environ: dict[str, Any], start_response: Any) -> Any:
        return app({**environ, "PATH_INFO": environ["PATH_INFO"] or "/"}, start_response)

    return call


def serve(main: str, port: int, niceness: int) -> None:
    """Serve until asked to end, or until the process that started this one is gone."""
    os.environ["SADARI_SERVED"] = "1"
    os.nice(niceness)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    options = {
        "bind": f"127.0.0.1:{port}",
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 600,
        "graceful_timeout": 3,
        "keepalive": 75,
        "loglevel": "warning",
        "post_worker_init": lambda worker: setattr(worker, "cpu_at_start", time.process_time()),
        "worker_exit": lambda _server, worker: _tell_cpu(time.process_time() - worker.cpu_at_start),
    }
    _Server(application(main), options).run()


def _tell_cpu(seconds: float) -> None:
    """Say how much of the processor serving took, in all threads, without what it took to start."""
    sys.stdout.write(json.dumps({"severity": "INFO", "message": "served", "cpu_seconds": round(seconds, 2)}) + "\n")
    sys.stdout.flush()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), 15)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
