"""Asks the fake model by OpenAI's own client: `python -P openai_walk.py URL`.

It prints what came as JSON, for a test to judge: the client is in the environment of Letta, not in
that of the tests.
"""

from __future__ import annotations

import json
import sys

from openai import OpenAI  # type: ignore[import-not-found]

TOOL = {
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
MESSAGES = [{"role": "user", "content": "Good morning."}]


def main(url: str) -> None:
    """Every kind of request that Letta makes."""
    client = OpenAI(base_url=url, api_key="any", max_retries=0)
    asked = {"model": "fake-model", "messages": MESSAGES}
    plain = client.chat.completions.create(**asked)
    called = client.chat.completions.create(**asked, tools=[TOOL], tool_choice="required")
    stream = client.chat.completions.create(
        **asked, stream=True, stream_options={"include_usage": True}
    )
    pieces, usage = [], None
    for chunk in stream:
        pieces += [choice.delta.content for choice in chunk.choices if choice.delta.content]
        usage = chunk.usage or usage
    arguments = ""
    for chunk in client.chat.completions.create(**asked, tools=[TOOL], stream=True):
        for call in chunk.choices[0].delta.tool_calls or []:
            arguments += call.function.arguments or ""
    # The client asks for base64 and unpacks it, unless told otherwise.
    packed = client.embeddings.create(model="fake-embedding", input=["one two", "three"])
    floats = client.embeddings.create(
        model="fake-embedding", input=["one two", "three"], encoding_format="float"
    )
    call = called.choices[0].message.tool_calls[0].function
    print(
        json.dumps(
            {
                "models": [model.id for model in client.models.list()],
                "plain": plain.choices[0].message.content,
                "tool": call.name,
                "arguments": json.loads(call.arguments),
                "pieces": pieces,
                "usage": usage.total_tokens if usage else None,
                "streamed_arguments": json.loads(arguments),
                "dimensions": [len(item.embedding) for item in packed.data],
                "furthest": max(
                    abs(one - other)
                    for first, second in zip(packed.data, floats.data, strict=True)
                    for one, other in zip(first.embedding, second.embedding, strict=True)
                ),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
