"""The fake model answers as OpenAI's interface does, and only as the request says."""

from __future__ import annotations

import base64
import json
import struct
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.live.fake_answers import EMBEDDING_DIM, MODEL, embedding, reply
from tests.live.fake_llm import FakeLlm

SEND_MESSAGE = {
    "type": "function",
    "function": {
        "name": "send_message",
        "parameters": {
            "type": "object",
            "properties": {
                "thinking": {"type": "string"},
                "message": {"type": "string"},
                "request_heartbeat": {"type": "boolean"},
            },
            "required": ["thinking", "message", "request_heartbeat"],
        },
    },
}
INSERT = {
    "type": "function",
    "function": {
        "name": "archival_memory_insert",
        "parameters": {
            "type": "object",
            "properties": {"content": {"type": "string"}, "tags": {"type": "array"}},
            "required": ["content"],
        },
    },
}


@pytest.fixture
def llm() -> Iterator[FakeLlm]:
    """A running model."""
    with FakeLlm() as running:
        yield running


def user(text: str) -> dict[str, Any]:
    """A message of the user."""
    return {"role": "user", "content": text}


def post(llm: FakeLlm, path: str, body: Any) -> bytes:  # noqa: ANN401 - JSON
    """The body of the answer. Raises HTTPError."""
    request = urllib.request.Request(f"{llm.url}{path}", data=json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        data: bytes = answer.read()
        return data


def chat(llm: FakeLlm, text: str, **options: Any) -> Any:  # noqa: ANN401 - JSON
    """The whole answer to one message."""
    body = {"model": MODEL, "messages": [user(text)], **options}
    return json.loads(post(llm, "/chat/completions", body))


def test_the_same_request_gets_the_same_answer(llm: FakeLlm) -> None:
    assert chat(llm, "Good morning.") == chat(llm, "Good morning.")
    answer = chat(llm, "Good morning.")["choices"][0]
    assert answer["message"]["content"] == "You said: Good morning."
    assert answer["finish_reason"] == "stop"


def test_a_stream_says_the_same_in_pieces_and_ends_with_its_mark(llm: FakeLlm) -> None:
    body = {"messages": [user("Good morning.")], "stream": True}
    events = post(llm, "/chat/completions", body).decode().split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-2]]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    pieces = [delta["content"] for delta in deltas if delta.get("content")]
    assert len(pieces) > 1
    assert "".join(pieces) == "You said: Good morning."


def test_an_agent_that_speaks_by_a_tool_gets_all_that_the_tool_demands() -> None:
    message = reply([user("Hello.")], [SEND_MESSAGE], "required")
    call = message["tool_calls"][0]["function"]
    assert call["name"] == "send_message"
    assert json.loads(call["arguments"]) == {
        "thinking": "as asked",
        "message": "You said: Hello.",
        "request_heartbeat": True,
    }


def test_it_calls_the_tool_that_the_user_names_once_and_then_speaks() -> None:
    asked = user('call archival_memory_insert {"content": "Tea at four."}')
    first = reply([asked], [INSERT], "auto")
    call = first["tool_calls"][0]["function"]
    assert (call["name"], json.loads(call["arguments"])) == (
        "archival_memory_insert",
        {"content": "Tea at four."},
    )
    result = {"role": "tool", "content": "done", "tool_call_id": "call_1"}
    then = reply([asked, first, result], [INSERT], "auto")
    assert then["content"].startswith("You said: call archival_memory_insert")


def test_a_heartbeat_is_not_what_the_user_said() -> None:
    heartbeat = user(json.dumps({"type": "heartbeat", "reason": "go on"}))
    packed = user(json.dumps({"type": "user_message", "message": "Hello."}))
    assert reply([packed, heartbeat], [], None)["content"] == "You said: Hello."


def test_embeddings_are_near_for_shared_words_and_the_same_in_both_encodings(
    llm: FakeLlm,
) -> None:
    texts = ["blue harbour lights", "the harbour lights were blue", "a second key"]
    body = {"input": texts, "model": "any"}
    floats = [item["embedding"] for item in json.loads(post(llm, "/embeddings", body))["data"]]
    packed = json.loads(post(llm, "/embeddings", {**body, "encoding_format": "base64"}))["data"]
    for one, other in zip(floats, packed, strict=True):
        data = base64.b64decode(other["embedding"])
        assert struct.unpack(f"<{EMBEDDING_DIM}f", data) == pytest.approx(one)
    near, far = (sum(a * b for a, b in zip(floats[0], other, strict=True)) for other in floats[1:])
    assert near > far
    assert floats[2] == embedding("a second key", EMBEDDING_DIM)


def test_counters_tell_what_was_asked(llm: FakeLlm) -> None:
    chat(llm, "One.")
    chat(llm, "Two.", tools=[SEND_MESSAGE], tool_choice="required")
    post(llm, "/embeddings", {"input": ["a", "b", "c"]})
    with urllib.request.urlopen(llm.url.removesuffix("/v1") + "/counters") as answer:
        counters = json.load(answer)
    assert counters["requests"] == {"/v1/chat/completions": 2, "/v1/embeddings": 1}
    assert counters["tool_calls"] == {"send_message": 1}
    assert counters["embedded"] == 3


def test_what_is_held_is_answered_when_it_is_let_go(llm: FakeLlm) -> None:
    llm.behave(hold=True)
    with ThreadPoolExecutor() as clients:
        asked = [clients.submit(chat, llm, text) for text in ("One.", "Two.")]
        assert llm.wait_for(2)
        assert not any(item.done() for item in asked)
        llm.behave(hold=False)
        said = {item.result()["choices"][0]["message"]["content"] for item in asked}
    assert said == {"You said: One.", "You said: Two."}
    assert llm.counters.most_under_way == 2


def test_a_fault_is_switched_on_and_off_over_http(llm: FakeLlm) -> None:
    def switch(**changes: int) -> None:
        url = llm.url.removesuffix("/v1") + "/behaviour"
        data = json.dumps(changes).encode()
        with urllib.request.urlopen(urllib.request.Request(url, data=data, method="PUT")):
            pass

    switch(status=503)
    with pytest.raises(urllib.error.HTTPError, match="503") as refused:
        chat(llm, "One.")
    refused.value.close()
    switch(status=200)
    assert chat(llm, "One.")["choices"][0]["message"]["content"] == "You said: One."


def test_openais_own_client_understands_every_answer(llm: FakeLlm, environment: Path) -> None:
    python = environment / "bin" / "python"
    program = Path(__file__).with_name("openai_walk.py")
    # -P: the folder of the program holds modules of the tests.
    done = subprocess.run(
        [python, "-P", program, llm.url], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    came = json.loads(done.stdout)
    assert came["plain"] == "".join(came["pieces"]) == "You said: Good morning."
    assert came["tool"] == "send_message"
    assert came["arguments"] == came["streamed_arguments"]
    assert came["arguments"]["message"] == "You said: Good morning."
    assert came["dimensions"] == [EMBEDDING_DIM, EMBEDDING_DIM]
    assert came["furthest"] < 1e-6
    assert came["usage"] > 0
