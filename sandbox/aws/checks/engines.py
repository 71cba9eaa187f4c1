"""Engine versions, and the parameter-group families that go with them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_VERSIONS = Path(__file__).parent.parent / "data" / "engine_versions.json"


@cache
def _versions() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = json.loads(_VERSIONS.read_text(encoding="utf-8"))
    return loaded


def offered(engine: str, version: str) -> list[str]:
    """The versions that `version` stands for, oldest first: itself, or a prefix such as `16`."""
    return [v for v in _versions().get(engine, []) if v == version or v.startswith(f"{version}.")]


def newest(engine: str, version: str) -> str | None:
    """The version that one gets who asks for `version`."""
    found = offered(engine, version)
    return found[-1] if found else None


def known(engine: str) -> bool:
    """Whether versions of the engine are known at all."""
    return engine in _versions()


def refusal(engine: str, version: str, code: str) -> str:
    """Why a version cannot be had."""
    major = version.partition(".")[0]
    near = offered(engine, major) or _versions().get(engine, [])
    return f"{code}: Cannot find version {version} for {engine}: there are {', '.join(near[-8:])}"


def families(engine: str) -> set[str]:
    """The parameter-group families of an engine's versions."""
    return {family(engine, version) for version in _versions()[engine]}


def family(engine: str, version: str) -> str:
    """The parameter-group family of a version: `postgres16`, `redis6.x`, `redis7`, `valkey8`."""
    major = version.partition(".")[0]
    if engine == "redis" and int(major) < 7:
        return "redis6.x" if major == "6" else f"redis{'.'.join(version.split('.')[:2])}"
    return f"{engine}{major}"
