"""The ways to save of requirement K4: which are switches, which are there already, which are not
offered and why.

`claim` is what the requirements document says a way saves (section 9.5); what it saves on a stack
is for `pricing/savings.py` to price.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import yaml

from components.models import llms
from infra.settings import Settings
from pricing.bill import Line

Kind = Literal["deployment", "billing", "default", "none"]
"""`deployment`: a switch that changes what is built. `billing`: one that changes what is billed and
no resource. `default`: how every stack is built. `none`: not offered."""

SMALLER: Final[Mapping[str, str]] = {
    "openai/gpt-4.1": "openai/gpt-4.1-mini",
    "anthropic/claude-sonnet-4-5": "anthropic/claude-haiku-4-5",
    "anthropic/claude-sonnet-4-6": "anthropic/claude-haiku-4-5",
}
"""Model -> the smaller one of its family, the pairs of section 9.5.2."""
LARGER: Final[Mapping[str, str]] = {small: large for large, small in SMALLER.items()}
"""Smaller model -> the one that it stands in for; of several the newest."""

NIGHT: Final = {"begins": "22:00", "ends": "06:00", "timezone": "UTC"}
CACHED_SHARE: Final = 0.5
"""Half of the input, as in the document's medium bill."""
TRIMMED_SHARE: Final = 0.25
"""The middle of the document's 20 to 30 %."""

_END_OF_SCALAR: Final = "...\n"
"""What a document in YAML that is a scalar alone ends with."""
_COMPUTE: Final = ("machine ", "spot machine ", "vCPUs of", "memory of", "disk ")


@dataclass(frozen=True, kw_only=True)
class Switch:
    """A way to save."""

    name: str
    title: str
    kind: Kind
    claim: str
    """The document's range, in its own terms."""
    about: str
    """What it changes; where it is not offered, why, and what to do instead."""
    role: str = "savings"
    """Where its key stands in a stack file."""
    key: str = ""
    """Its key under `letta:<role>`; empty where there is none."""
    value: Callable[[Settings], object] = lambda _: True
    """Settings of a stack -> the value that a ranking tries; None where it has none to offer."""
    lines: tuple[tuple[str, str], ...] = ()
    """What it may change of a bill: a line's component, and how its item begins."""

    def apply(self, values: Mapping[str, str], value: object) -> dict[str, str]:
        """The values of a stack file with this switch set to `value`, or without it if None.

        Raises `ValueError` for a way that is no switch.
        """
        if not self.key:
            raise ValueError(f"{self.name} is no switch: {self.about}")
        given: dict[str, Any] = json.loads(values.get(self.role, "{}"))
        rest = {key: other for key, other in given.items() if key != self.key}
        new = rest if value is None else {**rest, self.key: value}
        return {**values, self.role: json.dumps(new)}

    def setting(self, value: object) -> str:
        """What a stack file has to say for it."""
        written = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000)
        return f"letta:{self.role}.{self.key}: {written.removesuffix(_END_OF_SCALAR).strip()}"

    def names(self, line: Line) -> bool:
        """Whether it may change this line."""
        return any(
            line.component == component and line.item.startswith(item)
            for component, item in self.lines
        )


def _lines(components: str, *items: str) -> tuple[tuple[str, str], ...]:
    return tuple((component, item) for component in components.split() for item in items or ("",))


_RESERVED: Final = (
    *_lines("api worker embedding llm", "machine "),
    ("database", "database "),
    ("cache", "cache "),
)


def _smallest_weights(settings: Settings) -> object:
    if settings.llm.hosting != "vllm":
        return None
    smaller = llms.smaller_variants(llms.llm(settings.llm.vllm.model))
    return smaller[-1].weights if smaller else None


SWITCHES: Final = (
    Switch(
        name="spot-workers",
        title="spot workers",
        kind="deployment",
        claim="60-70 % of workers",
        about="workers run on spare capacity; work on a machine that is taken back is lost",
        key="spot_workers",
        lines=_lines("worker", *_COMPUTE),
    ),
    Switch(
        name="reserved-1-year",
        title="reserved for 1 year",
        kind="billing",
        claim="30-60 % of machines, for 1 to 3 years",
        about="what always runs is paid for a year ahead; buy the reservation in the console",
        key="reserved_years",
        value=lambda _: 1,
        lines=_RESERVED,
    ),
    Switch(
        name="reserved-3-years",
        title="reserved for 3 years",
        kind="billing",
        claim="30-60 % of machines, for 1 to 3 years",
        about="the same for three years, on sizes that then have to stay",
        key="reserved_years",
        value=lambda _: 3,
        lines=_RESERVED,
    ),
    Switch(
        name="night",
        title="fewest copies at night",
        kind="deployment",
        claim="30-40 % of servers",
        about="every tier keeps to min_replicas for the hours of the night",
        key="night",
        value=lambda _: NIGHT,
        lines=_lines("api worker", *_COMPUTE),
    ),
    Switch(
        name="arm64",
        title="arm64 machines (Graviton)",
        kind="deployment",
        claim="20-40 % better price for performance",
        about="API, workers and database on arm64; GPUs and self-hosted models stay on x86_64",
        key="arm64",
        lines=(*_lines("api worker", *_COMPUTE), ("database", "database ")),
    ),
    Switch(
        name="prompt-caching",
        title="prompt caching",
        kind="billing",
        claim="90 % (Anthropic) or 50 % (OpenAI) of cached input",
        about="the share of input that the provider reads from its cache, as its bill shows it",
        key="prompt_caching",
        value=lambda _: CACHED_SHARE,
        lines=_lines("llm"),
    ),
    Switch(
        name="smaller-model",
        title="a smaller model",
        kind="deployment",
        claim="83 % (GPT-4.1 to mini), 88 % (Sonnet to Haiku)",
        about="the model of agents that name none (letta:llm.model); those that exist keep theirs, "
        "and what it cannot do is yours to try",
        role="llm",
        key="model",
        value=lambda settings: SMALLER.get(settings.llm.model or ""),
        lines=_lines("llm"),
    ),
    Switch(
        name="prompt-trimming",
        title="shorter prompts",
        kind="billing",
        claim="20-30 % of tokens",
        about="the server has no setting for it: give agents fewer memory blocks and tools and a "
        "smaller context_window_limit, and state here what it spares",
        key="prompt_trimming",
        value=lambda _: TRIMMED_SHARE,
        lines=(
            *_lines("llm"),
            *_lines("network", "traffic through NAT", "traffic to the internet", "traffic between"),
        ),
    ),
    Switch(
        name="quantised-weights",
        title="quantised weights",
        kind="deployment",
        claim="50-75 % of vectors",
        about="fewer bits for each weight of the model that vLLM serves, on fewer or smaller GPUs. "
        "Vectors cannot be quantised: the server keeps each as vector(4096) in 32 bits",
        key="quantised_weights",
        value=_smallest_weights,
        lines=_lines("llm", *_COMPUTE),
    ),
    Switch(
        name="storage-tiers",
        title="storage tiers",
        kind="default",
        claim="60 % of storage",
        about="files move to infrequent access and then to the archive (letta:storage); messages "
        "and memories stay in the database, which has one tier",
        lines=(*_lines("storage", "files"), *_lines("ingress", "access logs")),
    ),
    Switch(
        name="clean-up",
        title="clean-up",
        kind="default",
        claim="30-50 % of the database",
        about="access logs expire, replaced versions of files are deleted, uploads that were given "
        "up too. Old messages are not: they are the agents' memory; delete agents instead",
        lines=_lines("ingress", "access logs"),
    ),
    Switch(
        name="vpc-endpoints",
        title="endpoint for logs",
        kind="deployment",
        claim="0.09 USD a GB of traffic",
        about="a private endpoint by which logs bypass NAT. The free one for S3 is there anyway; "
        "no other service moves enough bytes to pay for its hours",
        key="logs_endpoint",
        lines=_lines(
            "network", "private endpoint", "traffic through NAT", "traffic through private"
        ),
    ),
    Switch(
        name="cdn-caching",
        title="CDN caching",
        kind="none",
        claim="50-70 % of origin traffic",
        about="every answer is one agent's, behind a password, and most are streams: nothing of it "
        "may be cached. Serve pages of your own from a CDN of theirs",
    ),
    Switch(
        name="same-zone",
        title="same-zone placement",
        kind="none",
        claim="0.01 USD a GB between zones",
        about="servers stand in two zones or more so that they outlive one. Machines of one model "
        "server do stand together",
    ),
    Switch(
        name="single-nat",
        title="one NAT gateway",
        kind="deployment",
        claim="",
        about="one gateway instead of one in each zone; when its zone fails, no server reaches its "
        "model providers",
        key="single_nat",
        lines=_lines("network"),
    ),
    Switch(
        name="open-source-monitoring",
        title="monitoring without Datadog",
        kind="default",
        claim="340 USD: 160 instead of 500",
        about="logs, metrics and alarms are the cloud's own; no host is billed by a third party",
        lines=_lines("monitoring"),
    ),
    Switch(
        name="log-level",
        title="log level",
        kind="none",
        claim="70 % of logs",
        about="the server has INFO, which is on, and DEBUG, and no level above; the log driver of "
        "ECS filters nothing, and lines of INFO are what tells one request from another",
    ),
    Switch(
        name="log-retention",
        title="log retention",
        kind="default",
        claim="80 % of kept logs",
        about="logs are deleted after letta:monitoring.log_retention_days, 30 unless the file says "
        "otherwise; without a retention they would be kept for ever. Policy refuses fewer than 30",
        lines=_lines("monitoring", "logs of", "other logs", "performance records"),
    ),
)


def switch(name: str) -> Switch:
    """The way of that name. Raises `KeyError` if there is none."""
    return {each.name: each for each in SWITCHES}[name]
