"""What the pack takes from the stack file: tier, workload, budget, savings, waivers, secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import Field, SecretStr, TypeAdapter, ValidationError

from components.args import Args, LlmArgs, SavingsArgs
from infra import platforms, savings
from infra.tiers import TIERS, Workload
from infra.waivers import Waiver

T = TypeVar("T")

_BUDGET: TypeAdapter[Decimal] = TypeAdapter(Annotated[Decimal, Field(ge=1)])


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """What rules need beside the resources."""

    cloud: str
    tier: str
    workload: Workload
    """With what the switches of `savings` make of it."""
    budget_usd: Decimal
    """Most that a month may cost, USD; 0: no budget is set."""
    savings: SavingsArgs
    options: Args | None
    """What stands under the cloud's own name."""
    waivers: tuple[Waiver, ...]
    secrets: tuple[str, ...]
    """Values of the stack file that must appear nowhere."""


class UnreadableSettings(ValueError):  # noqa: N818  (states what the stack file is)
    """The stack file does not say what to hold the stack to."""


def load(values: Mapping[str, str]) -> StackSettings:
    """Understand the values of the `letta:` namespace, as far as rules need them.

    Everything else in them is the program's to check. Raises `UnreadableSettings`.
    """
    cloud = values.get("cloud", platforms.DEFAULT)
    if cloud not in platforms.CLOUDS:
        raise UnreadableSettings(
            f"letta:cloud is {cloud}, of which nothing can be read; "
            f"set it to one of {', '.join(platforms.CLOUDS)}"
        )
    tier = values.get("tier", "")
    if tier not in TIERS:
        raise UnreadableSettings(
            f"letta:tier is {tier or 'not set'}, so there is nothing to hold the stack to; "
            f"set it to one of {', '.join(sorted(TIERS))}"
        )
    switches = _read("savings", TypeAdapter(SavingsArgs), values.get("savings", "{}"))
    given = _read("workload", TypeAdapter(dict[str, Any]), values.get("workload", "{}"))
    fields = savings.workload_fields(TIERS[tier].workload, given, switches)
    return StackSettings(
        cloud=cloud,
        tier=tier,
        workload=_read("workload", TypeAdapter(Workload), json.dumps(fields)),
        budget_usd=_read("budget", _BUDGET, values["budget"]) if "budget" in values else Decimal(0),
        savings=switches,
        options=_options(cloud, values),
        waivers=_read("waivers", TypeAdapter(tuple[Waiver, ...]), values.get("waivers", "[]")),
        secrets=tuple(_secrets(_llm(values.get("llm", "{}")))),
    )


def _options(cloud: str, values: Mapping[str, str]) -> Args | None:
    model = platforms.catalog(cloud).options
    return _read(cloud, TypeAdapter(model), values.get(cloud, "{}")) if model else None


def _llm(text: str) -> LlmArgs:
    if text in LlmArgs.choices():
        # A role given as one word holds no secret.
        return LlmArgs()
    return _read("llm", TypeAdapter(LlmArgs), text)


def _read(key: str, form: TypeAdapter[T], text: str) -> T:
    try:
        return form.validate_json(text)
    except ValidationError as error:
        # Not the value itself: under `llm` it may be a key.
        detail = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = ".".join(str(part) for part in ("letta:" + key, *detail["loc"]))
        raise UnreadableSettings(f"{path} of the stack file: {detail['msg']}") from None


def _secrets(llm: LlmArgs) -> Iterator[str]:
    """Keys of LLM providers, and tokens, that stand, encrypted, in the stack file."""
    for args in (*llm.providers.values(), llm.vllm):
        for name in type(args).model_fields:
            value = getattr(args, name)
            if isinstance(value, SecretStr):
                yield value.get_secret_value()
