"""A language model for tests: OpenAI's HTTP interface, answers that only depend on the request.

`FakeLlm` runs it in the test's process; `python -m tests.live.fake_llm` runs it alone, says where
it listens in a line of JSON, and is steered by `GET` and `PUT /behaviour` and `GET /counters`.

The answer is `You said: <the last user message>`. Agents that speak by a tool (`send_message`) get
a call of it. A user message `call <tool> <arguments as JSON>` makes the model call that tool first.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import math
import re
import struct
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

MODEL = "fake-model"
EMBEDDING_MODEL = "fake-embedding"
EMBEDDING_DIM = 64
SPEAKING_TOOL = "send_message"
_ASKED_TOOL = re.compile(r"call (\w+) (\{.*\})", re.DOTALL)
_WORD = re.compile(r"\w+")
_CREATED = 1_700_000_000


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

    def __init__(self, *, port: int = 0) -> None:
        self._changed = threading.Condition()
        self._behaviour = Behaviour()
        self._counters = Counters()
        self._ending = False
        self._server = _Server(port, self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def port(self) -> int:
        """Where it listens, on the loopback address."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """The base URL that an OpenAI client takes."""
        return f"http://127.0.0.1:{self.port}/v1"

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

    def __init__(self, port: int, llm: FakeLlm) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
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
                {"id": name, "object": "model", "created": _CREATED, "owned_by": "tests"}
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
        size = body.get("dimensions") or EMBEDDING_DIM
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


def reply(
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]],
    choice: str | Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The model's message to that conversation."""
    schemas = {tool["function"]["name"]: tool["function"] for tool in tools}
    said = _last_user_text(messages)
    text = f"You said: {said}"
    asked = _ASKED_TOOL.search(said)
    if asked and asked[1] in schemas and not _tool_answered(messages):
        return _call(schemas[asked[1]], json.loads(asked[2]), len(messages))
    forced = choice["function"]["name"] if isinstance(choice, Mapping) else None
    if forced is None and SPEAKING_TOOL in schemas:
        forced = SPEAKING_TOOL
    if forced is None and choice == "required" and schemas:
        forced = next(iter(schemas))
    if forced is None:
        return {"role": "assistant", "content": text}
    return _call(schemas[forced], {"message": text}, len(messages))


def _call(schema: Mapping[str, Any], arguments: Mapping[str, Any], turn: int) -> dict[str, Any]:
    """A call of a tool; what its schema demands beyond the arguments is filled in."""
    parameters = schema.get("parameters") or {}
    properties = parameters.get("properties") or {}
    filled = {
        name: arguments.get(name, _filler(properties[name]))
        for name in properties
        if name in arguments or name in parameters.get("required", ())
    }
    call = {
        "id": f"call_{turn}",
        "type": "function",
        "function": {"name": schema["name"], "arguments": json.dumps(filled)},
    }
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _filler(schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - by the schema
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "enum" in schema:
        return schema["enum"][0]
    known = {"boolean": True, "integer": 1, "number": 1, "array": [], "object": {}, "null": None}
    return next((known[item] for item in kinds if item in known), "as asked")


def _last_user_text(messages: Sequence[Mapping[str, Any]]) -> str:
    """What the user said last; Letta wraps some messages of its own in JSON."""
    for message in reversed(messages):
        if message["role"] != "user":
            continue
        content = message["content"]
        if isinstance(content, list):
            content = "".join(part.get("text", "") for part in content)
        try:
            parsed = json.loads(content)
        except ValueError:
            return str(content)
        if isinstance(parsed, dict) and parsed.get("type", "user_message") == "user_message":
            return str(parsed.get("message", content))
        # A heartbeat, a login and the like: the user's own words are further up.
    return ""


def _tool_answered(messages: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a tool has been called since the user spoke last."""
    for message in reversed(messages):
        if message["role"] == "tool":
            return True
        if message["role"] == "user" and "heartbeat" not in str(message["content"]):
            return False
    return False


def tokens(text: str) -> int:
    """Words and signs, which is near enough."""
    return max(1, len(text) // 4)


def embedding(text: str, size: int) -> list[float]:
    """A vector of length one; texts that share words are near each other."""
    vector = [0.0] * size
    for word in _WORD.findall(str(text).lower()) or [""]:
        digest = hashlib.sha256(word.encode()).digest()
        vector[int.from_bytes(digest[:4], "big") % size] += 1.0
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector]


def completion(body: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
    """The whole answer in one piece."""
    choice = {"index": 0, "message": message, "finish_reason": _reason(message), "logprobs": None}
    return {**_frame(body, "chat.completion"), "choices": [choice], "usage": _usage(body, message)}


def chunks(
    body: Mapping[str, Any], message: Mapping[str, Any], *, usage: bool
) -> Iterator[dict[str, Any]]:
    """The same answer in pieces: the role, then a few words at a time, then why it ended."""
    frame = _frame(body, "chat.completion.chunk")

    def piece(delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return {**frame, "choices": [choice]}

    yield piece({"role": "assistant", "content": None if "tool_calls" in message else ""})
    for call in message.get("tool_calls", []):
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        opening = {**call, "index": 0, "function": {"name": name, "arguments": ""}}
        yield piece({"tool_calls": [opening]})
        for part in _parts(arguments):
            yield piece({"tool_calls": [{"index": 0, "function": {"arguments": part}}]})
    for part in _parts(message["content"] or ""):
        yield piece({"content": part})
    yield piece({}, _reason(message))
    if usage:
        yield {**frame, "choices": [], "usage": _usage(body, message)}


def _parts(text: str, size: int = 8) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _frame(body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:24]
    model = body.get("model", MODEL)
    return {"id": f"chatcmpl-{digest}", "object": kind, "created": _CREATED, "model": model}


def _reason(message: Mapping[str, Any]) -> str:
    return "tool_calls" if "tool_calls" in message else "stop"


def _usage(body: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, int]:
    asked, said = tokens(json.dumps(body.get("messages", []))), tokens(json.dumps(message))
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def main() -> None:
    """Run the server alone."""
    parser = argparse.ArgumentParser(description="A language model for tests, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    llm = FakeLlm(port=parser.parse_args().port)
    print(json.dumps({"url": llm.url, "port": llm.port}), flush=True)
    llm.serve()


if __name__ == "__main__":
    main()
