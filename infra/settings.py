"""A stack file, understood or refused.

`load` turns the `letta:` values of a stack file into `Settings`: the tier's sizes with the
file's overrides on top, checked one by one, against each other and against what the
cloud's region offers. All problems of a file are reported at once.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from components.args import (
    ApiArgs,
    Args,
    BucketArgs,
    CacheArgs,
    DatabaseArgs,
    EmbeddingArgs,
    IngressArgs,
    LlmArgs,
    MonitoringArgs,
    QueueArgs,
    SavingsArgs,
    VectorsArgs,
    WorkerArgs,
)
from components.offer import Catalog, Feature
from infra import relations, resolution, savings, serving
from infra.tiers import TIERS, Tier, Workload, tier_on
from infra.waivers import Waiver

NAMESPACE = "letta"

ROLES: dict[str, type[Args]] = {
    "ingress": IngressArgs,
    "api": ApiArgs,
    "worker": WorkerArgs,
    "database": DatabaseArgs,
    "cache": CacheArgs,
    "storage": BucketArgs,
    "queue": QueueArgs,
    "vectors": VectorsArgs,
    "embedding": EmbeddingArgs,
    "llm": LlmArgs,
    "monitoring": MonitoringArgs,
}
"""Keys of a stack file that override a role, and what may stand under each."""

ABSENT = {
    "gateway": "no separate API gateway is deployed; the ingress terminates TLS and routes",
}
"""Keys that name a role this package does not deploy: the reason and the alternative."""

_SCALARS = ("tier", "cloud", "region", "budget")
KEYS = (*_SCALARS, "workload", *ROLES, "savings", "waivers", *ABSENT)

ModelT = TypeVar("ModelT", bound=Args)


class SettingsError(ValueError):
    """A stack file that cannot be deployed; `problems` lists every reason."""

    def __init__(self, problems: Collection[str]) -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"the stack file has {count}; nothing was created:\n{lines}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A deployment, fully decided."""

    tier: str
    cloud: str
    region: str
    budget_usd: float | None
    """Most that a month may cost, USD; policy holds the ceiling of the bill to it."""
    workload: Workload
    savings: SavingsArgs
    """The switches that are on. What they set is in the roles and in the workload already."""
    ingress: IngressArgs
    api: ApiArgs
    worker: WorkerArgs
    database: DatabaseArgs
    cache: CacheArgs
    storage: BucketArgs
    queue: QueueArgs
    vectors: VectorsArgs
    embedding: EmbeddingArgs
    llm: LlmArgs
    monitoring: MonitoringArgs
    features: frozenset[Feature]
    """What a Kubernetes cluster must be able to do for the models that it serves."""
    waivers: tuple[Waiver, ...]
    options: Args | None = None
    """What the stack file says under the cloud's own name; a model of the cloud's."""


def load(
    values: Mapping[str, str],
    *,
    secret_keys: Collection[str] = (),
    written: Mapping[str, Any] | None = None,
    clouds: Sequence[str],
    catalog: Callable[[str], Catalog],
) -> Settings:
    """Understand the values of the `letta:` namespace.

    `values`: key without namespace -> value as the engine hands it over (objects as JSON).
    `secret_keys`: keys that hold at least one encrypted value.
    `written`: the same values as they stand in the file, encrypted ones still encrypted; by it
    a plain key is told from an encrypted one beside it.
    `clouds`, `catalog`: the clouds that exist, the one meant by default first, and what each
    offers.

    Raises `SettingsError` with every problem found.
    """
    problems: list[str] = []
    tier_name = _choice(values, "tier", TIERS, problems)
    cloud = _choice(values, "cloud", clouds, problems, default=clouds[0])
    offer = catalog(cloud) if cloud else None
    # Under its own name stands what only one cloud asks for.
    keys = (*KEYS, cloud) if cloud and offer and offer.options else KEYS
    problems[:0] = [
        *(_unknown_key(key, keys, clouds, cloud) for key in values if key not in keys),
        *(f"letta:{key}: {ABSENT[key]}" for key in values if key in ABSENT),
    ]
    budget = _budget(values, problems)
    if cloud is None or offer is None:
        raise SettingsError(problems)
    region = _choice(values, "region", offer.regions(), problems)
    if tier_name is None:
        raise SettingsError(problems)

    tier = tier_on(tier_name, offer)
    options = _options(values, cloud, offer, problems)
    given_switches = _object(values, "savings", problems) or {}
    # What the cloud has no use for is refused below, and not what it would have come to.
    of_use = {k: v for k, v in given_switches.items() if f"savings.{k}" not in offer.absent}
    switches = _merged("savings", SavingsArgs, {}, of_use, problems)
    workload_override = _object(values, "workload", problems) or {}
    overrides: dict[str, dict[str, Any]] = {}
    sized: dict[str, dict[str, Any]] = {"workload": workload_override}
    bases: dict[str, dict[str, Any]] = {"workload": tier.workload.model_dump()}
    for role, model in ROLES.items():
        override = _object(values, role, problems, model, resolution.words(role, offer))
        bases[role] = _base(tier, role)
        if override is not None:
            override = resolution.understood(role, override, offer, problems)
            overrides[role] = override
            sized[role] = resolution.sized(role, override, offer, problems)
    switched = savings.applied(switches, bases, sized, problems) if switches else {}
    roles: dict[str, Any] = {
        role: _merged(
            role,
            ROLES[role],
            resolution.chosen(role, bases[role], sized[role]),
            _over(switched.get(role, {}), sized[role]),
            problems,
        )
        for role in overrides
    }
    problems += relations.unused(overrides, roles)
    problems += relations.absent({**overrides, "savings": given_switches}, offer, roles.get("api"))
    workload = _merged(
        "workload",
        Workload,
        bases["workload"],
        {**switched.get("workload", {}), **workload_override},
        problems,
    )
    waivers = _waivers(values, problems)

    whole = all(roles.get(role) is not None for role in ROLES)
    if whole and region and workload and (options or not offer.options):
        roles = resolution.resolved(roles, offer, problems)
        problems += relations.check(roles, offer, region)
        problems += offer.refused(options, roles)
        roles = serving.resolved(roles, offer, region, problems)
        if not problems:
            problems += relations.addresses(
                roles["ingress"],
                roles["api"],
                roles["worker"],
                serving.machines(roles["embedding"], roles["llm"], offer),
                offer,
            )
    if roles.get("llm") is not None:
        problems += relations.llm(
            roles["llm"], (written or {}).get("llm"), offer, encrypted="llm" in secret_keys
        )
    if problems or region is None or workload is None or switches is None:
        raise SettingsError(problems)
    return Settings(
        tier=tier_name,
        cloud=cloud,
        region=region,
        budget_usd=budget,
        workload=workload,
        savings=switches,
        waivers=waivers,
        options=options,
        features=serving.features(roles["embedding"], roles["llm"], offer),
        **roles,
    )


def nearest(word: str, known: Collection[str]) -> str:
    """A hint: the nearest of the known words, or all of them when none is near."""
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known))}"


def _unknown_key(
    key: str, known: Collection[str], clouds: Collection[str], cloud: str | None
) -> str:
    if cloud and key in clouds:
        return f"letta:{key}: the stack is on {cloud}; leave it out, or set letta:cloud to {key}"
    return f"letta:{key}: unknown key; {nearest(key, known)}"


def _options(
    values: Mapping[str, str], cloud: str, offer: Catalog, problems: list[str]
) -> Args | None:
    if offer.options is None:
        return None
    if cloud not in values:
        fields = offer.options.model_fields
        if required := [name for name, field in fields.items() if field.is_required()]:
            problems.append(f"letta:{cloud}: required on {cloud}; give {', '.join(required)}")
            return None
    given = _object(values, cloud, problems, offer.options) or {}
    return _merged(cloud, offer.options, {}, given, problems)


def _choice(
    values: Mapping[str, str],
    key: str,
    known: Collection[str],
    problems: list[str],
    default: str | None = None,
) -> str | None:
    value = values.get(key, default)
    if not value:
        choices = f"; one of {', '.join(sorted(known))}" if known else ""
        problems.append(f"letta:{key}: required{choices}")
        return None
    if known and value not in known:
        problems.append(f"letta:{key}: {value!r} does not exist; {nearest(value, known)}")
        return None
    return value


def _budget(values: Mapping[str, str], problems: list[str]) -> float | None:
    text = values.get("budget")
    if text is None:
        return None
    try:
        amount = float(text)
    except ValueError:
        problems.append(f"letta:budget: {text!r} is not an amount in USD a month, such as 1500")
        return None
    if not 1 <= amount <= 1e9:
        problems.append(f"letta:budget: {text} must be between 1 and 1000000000 USD a month")
        return None
    return amount


def _object(
    values: Mapping[str, str],
    key: str,
    problems: list[str],
    model: type[Args] = Args,
    words: Collection[str] | None = None,
) -> dict[str, Any] | None:
    text = values.get(key)
    if text is None:
        return {}
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = text
    if isinstance(parsed, dict):
        return parsed
    words = model.choices() if words is None else words
    if isinstance(parsed, str) and parsed in words:
        return {str(model.CHOICE): parsed}
    shown = "" if key == "llm" else f", not {text[:60]!r}"
    shortcut = f", or one of the words {', '.join(words)}" if words else ""
    problems.append(f"letta:{key}: must hold keys and values, one a line{shortcut}{shown}")
    return None


def _base(tier: Tier, role: str) -> dict[str, Any]:
    base = getattr(tier, role)
    fields = base if isinstance(base, dict) else base.model_dump()
    return {
        name: value.model_dump() if isinstance(value, Args) else value
        for name, value in fields.items()
    }


def _merged(
    role: str,
    model: type[ModelT],
    base: Mapping[str, Any],
    override: Mapping[str, Any],
    problems: list[str],
) -> ModelT | None:
    try:
        return model.model_validate_json(json.dumps(_over(base, override)))
    except ValidationError as error:
        problems += _readable(role, model, error)
        return None


def _over(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """The base with single values of the override, at any depth, in place of its own."""
    both = {
        key: _over(base[key], value)
        for key, value in override.items()
        if isinstance(value, Mapping) and isinstance(base.get(key), Mapping)
    }
    return {**base, **override, **both}


_USER = re.compile(r"//[^/\s]*@")
"""Name and password in an address, which no message repeats."""


def _readable(role: str, model: type[Args], error: ValidationError) -> list[str]:
    lines = []
    found = error.errors(include_url=False, include_context=False)
    within = {detail["loc"][:-1] for detail in found}
    for detail in found:
        if detail["type"] == "too_short" and detail["loc"] in within:
            # Of what a list holds, only the items that are right are counted.
            continue
        path = ".".join(str(part) for part in (role, *detail["loc"]))
        if detail["type"] == "extra_forbidden":
            known = _fields_at(model, detail["loc"][:-1])
            hint = nearest(str(detail["loc"][-1]), known)
            lines.append(f"letta:{path}: unknown key; {hint}")
            continue
        message = detail["msg"].removeprefix("Value error, ")
        # Values under `llm` may be keys: they are never shown.
        whole_model = isinstance(detail["input"], dict)
        said = _USER.sub("//…@", repr(detail["input"]))
        shown = "" if role == "llm" or whole_model else f"{said}: "[:80]
        lines.append(f"letta:{path}: {shown}{message[0].lower()}{message[1:]}")
    return lines


def _fields_at(model: type[Args], path: tuple[int | str, ...]) -> list[str]:
    """Names of the fields of the (nested) model that a path leads to."""
    fields = model.model_fields
    for part in path:
        if part not in fields:
            continue
        for argument in (fields[str(part)].annotation, *_arguments(fields[str(part)].annotation)):
            if isinstance(argument, type) and issubclass(argument, Args):
                fields = argument.model_fields
    return list(fields)


def _arguments(annotation: Any) -> tuple[Any, ...]:  # noqa: ANN401  (a type expression)
    return getattr(annotation, "__args__", ())


def _waivers(values: Mapping[str, str], problems: list[str]) -> tuple[Waiver, ...]:
    text = values.get("waivers")
    if text is None:
        return ()
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list):
        problems.append("letta:waivers: must be a list of rule, resource, reason, owner, expires")
        return ()
    waivers = []
    for position, entry in enumerate(entries):
        try:
            waivers.append(Waiver.model_validate_json(json.dumps(entry)))
        except ValidationError as error:
            problems += _readable(f"waivers.{position}", Waiver, error)
    return tuple(waivers)
