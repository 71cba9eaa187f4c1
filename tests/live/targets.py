"""A small server that stands in for Letta behind a load balancer."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from sandbox.live.nginx_configuration import Address

HEALTH_PATH = "/v1/health/"


class Target:
    """A process of a tier; a context manager that runs it in a thread.

    `GET /hold` is answered once `release` was called; `GET /stream` sends one piece, is silent for
    `silence_seconds`, or until `release` when that is None, and sends another; `GET /redirect`
    leads to the same path with a slash, at the host that was asked for. Anything else is answered
    with the target's name and what came in.
    """

    def __init__(self, name: str, *, silence_seconds: float | None = None) -> None:
        self.name = name
        self.silence_seconds = silence_seconds
        self.well = True
        self.served: list[str] = []
        """Paths, without those of health checks, in the order in which they came."""
        self.held = threading.Semaphore(0)
        """Released once for each request that `/hold` or `/stream` has begun."""
        self.released = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def address(self) -> Address:
        """Where it listens."""
        return "127.0.0.1", self._server.server_port

    def release(self) -> None:
        """Let everything go that is held."""
        self.released.set()

    def stop(self) -> None:
        """End, as a process does: new connections are refused."""
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, target: Target) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        # A balancer that hangs up is what some tests are about.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        target = self.server.target
        if self.path == HEALTH_PATH:
            self._answer(200 if target.well else 500, b"{}")
            return
        target.served.append(self.path)
        size = int(self.headers.get("Content-Length", 0))
        # Python's own reader takes a chunked body for none.
        received = len(self.rfile.read(size))
        if self.path == "/stream":
            self._stream(target)
            return
        if self.path == "/redirect":
            place = f"http://{self.headers['Host']}{self.path}/"
            self._answer(307, b"{}", Location=place)
            return
        if self.path == "/hold":
            target.held.release()
            target.released.wait()
        body = {
            "name": target.name,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "received": received,
        }
        self._answer(200, json.dumps(body).encode())

    def do_POST(self) -> None:
        self.do_GET()

    def _stream(self, target: Target) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._chunk(b"first")
        target.held.release()
        target.released.wait(target.silence_seconds)
        self._chunk(b"last")
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """The tests look at what the client gets."""
