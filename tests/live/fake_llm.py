"""A language model for tests: OpenAI's HTTP interface, answers that only depend on the request.

`FakeLlm` runs it in the test's process; `python -m tests.live.fake_llm` runs it alone, says where
it listens in a line of JSON, and is steered by `GET` and `PUT /behaviour` and `GET /counters`.
"""

from __future__ import annotations

import argparse
import base64
import json
import struct
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.live.fake_answers import (
    CREATED,
    EMBEDDING_DIM,
    EMBEDDING_MODEL,
    MODEL,
    chunks,
    completion,
    embedding,
    reply,
    tokens,
)

HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How the model answers from now on."""

    delay_seconds: float = 0.0
    """Nothing is sent for so long."""
    silence_seconds: float = 0.0
    """A stream falls silent for so long after its first piece."""
    status: int = 200
    """Another status is an error without an answer."""
    hold: bool = False
    """Nothing is sent until it is false again."""


@dataclass
class Counters:
    """What has been asked so far."""

    requests: Counter[str] = field(default_factory=Counter)
    """By path."""
    tool_calls: Counter[str] = field(default_factory=Counter)
    """By tool."""
    embedded: int = 0
    """Texts."""
    under_way: int = 0
    most_under_way: int = 0


class FakeLlm:
    """The server; a context manager that runs it in a thread."""

    def __init__(self, *, port: int = 0, host: str = HOST, dimensions: int = EMBEDDING_DIM) -> None:
        """`dimensions`: of embeddings, where a request names none."""
        self.dimensions = dimensions
        self._changed = threading.Condition()
        self._behaviour = Behaviour()
        self._counters = Counters()
        self._ending = False
        self._server = _Server((host, port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """The base URL that an OpenAI client takes."""
        return f"http://{self._server.server_address[0]!s}:{self.port}/v1"

    @property
    def behaviour(self) -> Behaviour:
        """How it answers."""
        with self._changed:
            return self._behaviour

    def behave(self, **changes: float | bool) -> None:
        """Change the behaviour for what is asked from now on, and let go what is held."""
        with self._changed:
            self._behaviour = replace(self._behaviour, **changes)  # type: ignore[arg-type]
            self._changed.notify_all()

    @contextmanager
    def behaving(self, **changes: float | bool) -> Iterator[None]:
        """Change the behaviour for a while; what is held is let go at the end."""
        before = self.behaviour
        self.behave(**changes)
        try:
            yield
        finally:
            self.behave(**asdict(before))

    @property
    def counters(self) -> Counters:
        """A copy of the counters."""
        with self._changed:
            now = self._counters
            return replace(now, requests=Counter(now.requests), tool_calls=Counter(now.tool_calls))

    def wait_for(self, under_way: int, *, seconds: float = 30.0) -> bool:
        """Whether so many requests are under way at once, within so many seconds."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._counters.under_way >= under_way, timeout=seconds
            )

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        self._server.serve_forever()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def pause(self, seconds: float) -> None:
        """Wait so long, or until the server ends."""
        with self._changed:
            self._changed.wait_for(lambda: self._ending, timeout=seconds)

    def begin(self, path: str) -> Behaviour:
        """Count a request, and hold it as the behaviour has it."""
        with self._changed:
            counters = self._counters
            counters.requests[path] += 1
            counters.under_way += 1
            counters.most_under_way = max(counters.most_under_way, counters.under_way)
            self._changed.notify_all()
            behaviour = self._behaviour
            if behaviour.hold:
                self._changed.wait_for(lambda: self._ending or not self._behaviour.hold)
        if behaviour.delay_seconds:
            self.pause(behaviour.delay_seconds)
        return behaviour

    def end(self) -> None:
        """A request that `begin` counted is answered or given up."""
        with self._changed:
            self._counters.under_way -= 1
            self._changed.notify_all()

    def count(self, *, tool: str | None = None, embedded: int = 0) -> None:
        """Count what an answer holds."""
        with self._changed:
            if tool is not None:
                self._counters.tool_calls[tool] += 1
            self._counters.embedded += embedded


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], llm: FakeLlm) -> None:
        super().__init__(address, _Handler)
        self.llm = llm

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        # A client that has gone is no fault of the model.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise the second small packet of an answer waits for the first's acknowledgement.
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        llm = self.server.llm
        if self.path == "/counters":
            # Not `asdict`, which takes a Counter apart.
            self._answer(200, vars(llm.counters))
        elif self.path == "/behaviour":
            self._answer(200, asdict(llm.behaviour))
        elif self.path == "/v1/models":
            names = (MODEL, EMBEDDING_MODEL)
            models = [
                {"id": name, "object": "model", "created": CREATED, "owned_by": "tests"}
                for name in names
            ]
            self._answer(200, {"object": "list", "data": models})
        else:
            self._refuse(404, f"no such path: {self.path}")

    def do_PUT(self) -> None:
        if self.path != "/behaviour":
            self._refuse(404, f"no such path: {self.path}")
            return
        self.server.llm.behave(**self._body())
        self._answer(200, asdict(self.server.llm.behaviour))

    def do_POST(self) -> None:
        llm = self.server.llm
        body = self._body()
        behaviour = llm.begin(self.path)
        try:
            if behaviour.status != 200:
                self._refuse(behaviour.status, "the test asked for this error")
            elif self.path == "/v1/chat/completions":
                self._chat(body, behaviour)
            elif self.path == "/v1/embeddings":
                self._embed(body)
            else:
                self._refuse(404, f"no such path: {self.path}")
        finally:
            llm.end()

    def _chat(self, body: Mapping[str, Any], behaviour: Behaviour) -> None:
        message = reply(body.get("messages", []), body.get("tools") or [], body.get("tool_choice"))
        for call in message.get("tool_calls", []):
            self.server.llm.count(tool=call["function"]["name"])
        if body.get("stream"):
            usage = bool((body.get("stream_options") or {}).get("include_usage"))
            self._stream(chunks(body, message, usage=usage), behaviour)
        else:
            self._answer(200, completion(body, message))

    def _stream(self, pieces: Iterator[Mapping[str, Any]], behaviour: Behaviour) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, piece in enumerate(pieces):
            if number == 1 and behaviour.silence_seconds:
                self.server.llm.pause(behaviour.silence_seconds)
            self._chunk(f"data: {json.dumps(piece)}\n\n")
        self._chunk("data: [DONE]\n\n")
        self._chunk("")

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _embed(self, body: Mapping[str, Any]) -> None:
        given = body["input"]
        texts = [given] if isinstance(given, str) else given
        size = body.get("dimensions") or self.server.llm.dimensions
        self.server.llm.count(embedded=len(texts))
        data = []
        for index, text in enumerate(texts):
            vector: list[float] | str = embedding(text, size)
            if body.get("encoding_format") == "base64":
                vector = base64.b64encode(struct.pack(f"<{size}f", *vector)).decode()
            data.append({"object": "embedding", "index": index, "embedding": vector})
        words = sum(map(tokens, texts))
        usage = {"prompt_tokens": words, "total_tokens": words}
        model = body.get("model", EMBEDDING_MODEL)
        self._answer(200, {"object": "list", "data": data, "model": model, "usage": usage})

    def _body(self) -> Any:  # noqa: ANN401 - whatever the client sent
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _refuse(self, status: int, message: str) -> None:
        self._answer(status, {"error": {"message": message, "type": "fake", "code": None}})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """The counters say enough."""


def main() -> None:
    """Run the server alone."""
    parser = argparse.ArgumentParser(description="A language model for tests, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    llm = FakeLlm(port=parser.parse_args().port)
    print(json.dumps({"url": llm.url, "port": llm.port}), flush=True)
    llm.serve()


if __name__ == "__main__":
    main()
