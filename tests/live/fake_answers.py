"""What the fake language model says: it depends only on the request.

The answer is `You said: <the last user message>`. Agents that speak by a tool (`send_message`) get
a call of it. A user message `call <tool> <arguments as JSON>` makes the model call that tool first.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MODEL = "fake-model"
EMBEDDING_MODEL = "fake-embedding"
EMBEDDING_DIM = 64
CREATED = 1_700_000_000
SPEAKING_TOOL = "send_message"
_ASKED_TOOL = re.compile(r"call (\w+) (\{.*\})", re.DOTALL)
_WORD = re.compile(r"\w+")


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
    return {"id": f"chatcmpl-{digest}", "object": kind, "created": CREATED, "model": model}


def _reason(message: Mapping[str, Any]) -> str:
    return "tool_calls" if "tool_calls" in message else "stop"


def _usage(body: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, int]:
    asked, said = tokens(json.dumps(body.get("messages", []))), tokens(json.dumps(message))
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
