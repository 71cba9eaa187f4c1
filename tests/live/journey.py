"""A user's journey through a running Letta server, over HTTP as any client would go.

`python -m tests.live.journey --url https://127.0.0.1:8443 --password-file F --model-endpoint U`
walks it and prints each step with its seconds as JSON; it ends with 1 at the first that fails.
The password comes from a file or the environment, for arguments are visible to everyone.
"""

from __future__ import annotations

import argparse
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from pathlib import Path
from typing import Any

from tests.live.fake_answers import EMBEDDING_DIM, EMBEDDING_MODEL, MODEL

PASSWORD_VARIABLE = "LETTA_SERVER_PASSWORD"  # the name, no password
MEMORY = "The harbour lights were painted blue in spring."
OTHER_MEMORY = "Nobody ever found the second key."
_TIMEOUT_SECONDS = 120.0


class JourneyError(AssertionError):
    """A step did not end as a user expects."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server said."""

    status: int
    body: Any
    headers: Message


@dataclass(frozen=True, kw_only=True)
class Client:
    """One user of the API."""

    url: str
    password: str | None = field(default=None, repr=False)
    certificate: Path | None = None
    """What to trust beside the usual authorities."""
    host: str = ""
    """The server's name, where the URL has but its address."""
    timeout_seconds: float = _TIMEOUT_SECONDS

    def call(self, method: str, path: str, body: Any = None) -> Answer:  # noqa: ANN401
        """Send a request and read the whole answer, whatever its status."""
        try:
            with self._open(method, path, body) as answer:
                return _answer(answer.status, answer.read(), answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error.read(), error.headers)

    def ok(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 - JSON
        """As `call`, only the body. Raises JourneyError unless the status is a good one."""
        answer = self.call(method, path, body)
        if not 200 <= answer.status < 300:
            raise JourneyError(f"{method} {path}: {answer.status} {str(answer.body)[:500]}")
        return answer.body

    def events(self, path: str, body: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
        """The events of a stream as they come, without the mark of its end.

        Raises JourneyError when that mark is missing: the stream was cut.
        """
        try:
            with self._open("POST", path, body) as answer:
                for line in answer:
                    if not line.startswith(b"data:"):
                        continue
                    data = line.removeprefix(b"data:").strip()
                    if data == b"[DONE]":
                        return
                    yield json.loads(data)
        except urllib.error.HTTPError as error:
            with error:
                said = error.read().decode(errors="replace")
            raise JourneyError(f"POST {path}: {error.code} {said[:500]}") from error
        raise JourneyError(f"POST {path}: the stream ended without its mark")

    def without_password(self) -> Client:
        """The same server to a stranger."""
        return replace(self, password=None)

    def _open(self, method: str, path: str, body: Any) -> Any:  # noqa: ANN401 - as urllib says
        # The server streams only to clients that seem to be its SDK from version 1 on.
        headers = {"Content-Type": "application/json", "User-Agent": "letta-client/1.0.0"}
        if self.password is not None:
            headers["Authorization"] = f"Bearer {self.password}"
        if self.host:
            headers["Host"] = self.host
        request = urllib.request.Request(
            self.url.rstrip("/") + path,
            data=None if body is None else json.dumps(body).encode(),
            headers=headers,
            method=method,
        )
        return urllib.request.urlopen(
            request, timeout=self.timeout_seconds, context=self._context()
        )

    def _context(self) -> ssl.SSLContext | None:
        if not self.url.startswith("https:"):
            return None
        context = ssl.create_default_context()
        if self.host:
            context = _Named(ssl.PROTOCOL_TLS_CLIENT)
            context.name = self.host
        if self.certificate is not None:
            context.load_verify_locations(self.certificate)
        return context


class _Named(ssl.SSLContext):
    """Calls the server by its own name, and wants that name in its certificate."""

    name: str

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:  # noqa: ANN401
        return super().wrap_socket(*arguments, **{**options, "server_hostname": self.name})


def _answer(status: int, data: bytes, headers: Message) -> Answer:
    try:
        body = json.loads(data)
    except ValueError:
        body = data.decode(errors="replace")
    return Answer(status=status, body=body, headers=headers)


@dataclass
class Journey:
    """The steps, in the order of a user's first day; each raises JourneyError."""

    client: Client
    model_endpoint: str
    """Base URL of the language model and the embeddings, OpenAI's format."""
    embedding_config: Mapping[str, object] | None = None
    """Of the stack's own embeddings, if it has any."""
    agent: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    def steps(self) -> dict[str, Callable[[], None]]:
        """By name."""
        return {
            "health": self.health,
            "strangers are refused": self.strangers,
            "create an agent": self.create,
            "send a message": self.message,
            "stream a message": self.stream,
            "stream tokens": self.stream_tokens,
            "insert archival memory": self.insert,
            "search archival memory": self.search,
            "the agent uses its memory": self.tool,
            "read the conversation": self.history,
            "delete the agent": self.delete,
        }

    def walk(self) -> dict[str, float]:
        """Take every step; how long each took."""
        for name, step in self.steps().items():
            begun = time.monotonic()
            step()
            self.seconds[name] = round(time.monotonic() - begun, 3)
        return self.seconds

    def health(self) -> None:
        """The server says that it is well, to anyone."""
        body = self.client.without_password().ok("GET", "/v1/health/")
        _expect(body.get("status") == "ok", "GET /v1/health/", body)

    def strangers(self) -> None:
        """Nothing of the API answers without the password, or with another."""
        stranger = self.client.without_password()
        wrong = replace(stranger, password="wrong")
        for client in (stranger, wrong):
            for method, path in (("GET", "/v1/agents/"), ("POST", "/v1/agents/")):
                status = client.call(method, path, {} if method == "POST" else None).status
                _expect(status == 401, f"{method} {path} of a stranger", status)

    def create(self) -> None:
        """An agent with a model and an embedding of its own."""
        endpoint = {"model_endpoint_type": "openai", "model_endpoint": self.model_endpoint}
        body = self.client.ok(
            "POST",
            "/v1/agents/",
            {
                "name": f"journey-{os.getpid()}-{time.time_ns()}",
                "llm_config": {**endpoint, "model": MODEL, "context_window": 32000},
                "embedding_config": self.embedding_config
                or {
                    "embedding_endpoint_type": "openai",
                    "embedding_endpoint": self.model_endpoint,
                    "embedding_model": EMBEDDING_MODEL,
                    "embedding_dim": EMBEDDING_DIM,
                },
                "memory_blocks": [{"label": "human", "value": "A traveller."}],
                "tools": ["archival_memory_insert", "archival_memory_search"],
            },
        )
        self.agent = body["id"]

    def message(self) -> None:
        """A message is answered in one piece."""
        body = self.client.ok("POST", self._path("messages"), _user("Good morning."))
        said = [item["content"] for item in body["messages"] if _speaks(item)]
        _expect(said == ["You said: Good morning."], "the answer", body)

    def stream(self) -> None:
        """A message is answered step by step."""
        self._streamed("How are you?", stream_tokens=False)

    def stream_tokens(self) -> None:
        """A message is answered token by token: in several pieces."""
        pieces = self._streamed("And now slowly, please.", stream_tokens=True)
        _expect(pieces > 1, "pieces of the answer", pieces)

    def insert(self) -> None:
        """Two memories are kept."""
        for text in (MEMORY, OTHER_MEMORY):
            body = self.client.ok("POST", self._path("archival-memory"), {"text": text})
            _expect([item["text"] for item in body] == [text], "the memory", body)

    def search(self) -> None:
        """The memory that is nearest in meaning comes first, the other one after it."""
        query = urllib.parse.urlencode({"query": "blue harbour lights"})
        body = self.client.ok("GET", self._path(f"archival-memory/search?{query}"))
        found = [item["content"] for item in body["results"]]
        _expect(found == [MEMORY, OTHER_MEMORY], "the search", body)

    def tool(self) -> None:
        """The agent keeps a memory of its own accord, by a tool that writes to the database."""
        text = "Tea at four."
        asked = f"call archival_memory_insert {json.dumps({'content': text})}"
        self.client.ok("POST", self._path("messages"), _user(asked))
        kept = self.client.ok("GET", self._path("archival-memory"))
        _expect(text in [item["text"] for item in kept], "what the agent kept", kept)

    def history(self) -> None:
        """What was said is kept."""
        body = self.client.ok("GET", self._path("messages?limit=100"))
        said = [item["content"] for item in body if item["message_type"] == "user_message"]
        _expect("Good morning." in said and "How are you?" in said, "the conversation", said)

    def delete(self) -> None:
        """The agent is gone for good."""
        self.client.ok("DELETE", f"/v1/agents/{self.agent}")
        status = self.client.call("GET", f"/v1/agents/{self.agent}").status
        _expect(status == 404, "the deleted agent", status)

    def _streamed(self, text: str, *, stream_tokens: bool) -> int:
        body = {**_user(text), "streaming": True, "stream_tokens": stream_tokens}
        events = list(self.client.events(self._path("messages"), body))
        pieces = [_text(item) for item in events if _speaks(item)]
        _expect("".join(pieces) == f"You said: {text}", "the stream", events)
        return len(pieces)

    def _path(self, rest: str) -> str:
        return f"/v1/agents/{self.agent}/{rest}"


def _user(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


def _speaks(item: Mapping[str, Any]) -> bool:
    return item.get("message_type") == "assistant_message"


def _text(item: Mapping[str, Any]) -> str:
    content = item["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _expect(holds: bool, what: str, got: Any) -> None:  # noqa: ANN401 - shown to the reader
    if not holds:
        raise JourneyError(f"{what}: {str(got)[:500]}")


def main() -> int:
    """Walk the journey against a running server."""
    parser = argparse.ArgumentParser(description="A user's journey through a running Letta.")
    parser.add_argument("--url", required=True, help="of the server or its load balancer")
    parser.add_argument("--model-endpoint", required=True, help="a fake_llm, as the server sees it")
    parser.add_argument("--password-file", type=Path, help=f"otherwise ${PASSWORD_VARIABLE}")
    parser.add_argument("--host", default="", help="the server's name, if the URL has none")
    parser.add_argument("--certificate", type=Path, help="to trust, beside the usual authorities")
    arguments = parser.parse_args()
    if arguments.password_file:
        password = arguments.password_file.read_text(encoding="utf-8").strip()
    else:
        password = os.environ[PASSWORD_VARIABLE]
    journey = Journey(
        client=Client(
            url=arguments.url,
            password=password,
            certificate=arguments.certificate,
            host=arguments.host,
        ),
        model_endpoint=arguments.model_endpoint,
    )
    try:
        journey.walk()
    except JourneyError as error:
        print(json.dumps({"failed": str(error), "seconds": journey.seconds}))
        return 1
    print(json.dumps({"seconds": journey.seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
