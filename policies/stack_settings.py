"""What the pack takes from the stack file: tier, workload, waivers, and the secrets in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr, ValidationError

from components.args import ProviderArgs
from infra.tiers import TIERS, Workload
from infra.waivers import Waiver


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """What rules need beside the resources."""

    tier: str
    workload: Workload
    waivers: tuple[Waiver, ...]
    secrets: tuple[str, ...]
    """Values of the stack file that must appear nowhere."""


class UnreadableSettings(ValueError):  # noqa: N818  (states what the stack file is)
    """The stack file leaves the pack without a tier to hold the stack to."""


def load(values: Mapping[str, str]) -> StackSettings:
    """Understand the values of the `letta:` namespace, as far as rules need them.

    Everything else in them is the program's to check. Raises `UnreadableSettings`.
    """
    tier = values.get("tier", "")
    if tier not in TIERS:
        raise UnreadableSettings(
            f"letta:tier is {tier or 'not set'}, so there is nothing to hold the stack to; "
            f"set it to one of {', '.join(sorted(TIERS))}"
        )
    try:
        base = TIERS[tier].workload.model_dump()
        override = json.loads(values.get("workload", "{}"))
        return StackSettings(
            tier=tier,
            workload=Workload.model_validate_json(json.dumps({**base, **override})),
            waivers=tuple(
                Waiver.model_validate_json(json.dumps(entry))
                for entry in json.loads(values.get("waivers", "[]"))
            ),
            secrets=tuple(_secrets(json.loads(values.get("llm", "{}")))),
        )
    except ValidationError as error:
        detail = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = ".".join(str(part) for part in (error.title.lower(), *detail["loc"]))
        raise UnreadableSettings(f"{path} of the stack file: {detail['msg']}") from error
    except (TypeError, ValueError) as error:
        raise UnreadableSettings(
            "letta:workload, letta:waivers or letta:llm of the stack file has another form than "
            "docs/policies.md shows"
        ) from error


def _secrets(llm: Mapping[str, Any]) -> Iterator[str]:
    """Keys of LLM providers that stand, encrypted, in the stack file."""
    fields = [
        name
        for name, field in ProviderArgs.model_fields.items()
        if SecretStr in getattr(field.annotation, "__args__", ())
    ]
    for provider in llm.get("providers", {}).values():
        for name in fields:
            if provider.get(name):
                yield str(provider[name])
