"""What every tier and choice gives to the server is what the server's settings classes understand.

The environments come from the assembly, recorded without an engine; nothing is started but the
wheel's own settings.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from components.args import IMAGE
from components.letta import environment as server
from components.letta.providers import PROVIDERS
from infra import platforms
from infra.settings import Settings, load
from policies.facts.resource import Resource
from sandbox.aws.live import tasks
from sandbox.kubernetes.live import pods
from tests.live import read_environment
from tests.policies import assembly
from tools.setup import live

POD_OWNERS = (pods.DEPLOYMENT, pods.JOB)
REFERRED = {
    server.POSTGRES_URI: "postgresql://letta:password@db.example.com:5432/letta",
    server.REDIS_HOST: "cache.example.com",
}
"""What stands for a value that comes by reference; any other is its own name."""
OWN = {"HOME", "BOOTSTRAP_ADMIN_URI", server.FORWARDED}
"""Read by Python, by the bootstrap and by uvicorn, not by the server."""
KNOWN_DEAD = {
    "LETTA_DB_MAX_CONCURRENT_SESSIONS",
    "LETTA_POOL_USE_LIFO",
    "LETTA_ENABLE_DB_POOL_MONITORING",
    "LETTA_EVENT_LOOP_THREADPOOL_MAX_WORKERS",
    "LETTA_LOGGING_LOG_LEVEL",
    "LETTA_LOGGING_LETTA_LOG_PATH",
}
"""Some that the settings classes define and nothing uses: the search for such must find them."""

MEANT: Mapping[str, Callable[[Settings], object]] = {
    "LETTA_UVICORN_WORKERS": lambda _: 1,
    "LETTA_UVICORN_TIMEOUT_KEEP_ALIVE": lambda each: each.ingress.idle_timeout_seconds + 30,
    "LETTA_KEEPALIVE_INTERVAL": lambda _: 15.0,
    "LETTA_DISABLE_SQLALCHEMY_POOLING": lambda _: False,
    "LETTA_PG_POOL_SIZE": lambda each: each.database.pool_size,
    "LETTA_PG_MAX_OVERFLOW": lambda each: each.database.max_overflow,
    "LETTA_PG_POOL_RECYCLE": lambda each: each.database.pool_recycle_seconds,
    "LETTA_POOL_PRE_PING": lambda _: True,
    "LETTA_TRACK_PROVIDER_TRACE": lambda _: False,
    "LETTA_LOGGING_JSON_LOGGING": lambda each: each.monitoring.json_logs,
    "LETTA_DEBUG": lambda each: each.monitoring.debug_logs,
    "LETTA_DEFAULT_LLM_HANDLE": lambda each: each.llm.model,
    "LETTA_DEFAULT_EMBEDDING_HANDLE": lambda each: each.embedding.model,
}
"""What a variable is meant to be to the server. Of any other it is the text that it was given,
so one that is no text must stand here."""
PROVIDER_FIELDS = {
    name: {
        field: f"https://{name}.example.com/v1" if field == "base_url" else f"{name}-{field}"
        for field in (*each.secrets, *each.required, *each.optional)
    }
    for name, each in PROVIDERS.items()
}
CHOICES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "small": ("small", {}),
    "medium": ("medium", {}),
    "medium without machines": ("medium", {"api": "fargate", "worker": "fargate"}),
    "medium with every provider": ("medium", {"llm": {"providers": PROVIDER_FIELDS}}),
    "medium with numbers and switches of its own": (
        "medium",
        {
            "database": {"pool_size": 3, "max_overflow": 4, "pool_recycle_seconds": 60},
            "monitoring": {"json_logs": False, "debug_logs": True},
            "ingress": {"idle_timeout_seconds": 1200},
        },
    ),
    "large": ("large", {}),
    "large with vLLM, embeddings on processors": ("large", {"llm": "vllm", "embedding": "cpu"}),
    "large with Ollama, embeddings of a provider": ("large", {"llm": "ollama", "embedding": "api"}),
}
"""Name -> tier and what its stack file says besides."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What one container of the server's image is given."""

    choice: str
    container: str
    environment: Mapping[str, str]


@cache
def settings(choice: str) -> Settings:
    tier, overrides = CHOICES[choice]
    return load(
        assembly.stack_file(tier, overrides),
        secret_keys={"llm"},
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )


def given(choice: str) -> Iterator[Given]:
    """By all containers of the server's image of one choice."""
    for resource in assembly.resources(*CHOICES[choice]):
        for container in containers(resource):
            if container["image"] == IMAGE:
                yield Given(
                    choice=choice,
                    container=f"{resource.name}/{container['name']}",
                    environment=dict(variables(container)),
                )


def containers(resource: Resource) -> list[dict[str, Any]]:
    if resource.type == tasks.TASK_DEFINITION:
        found: list[dict[str, Any]] = json.loads(resource.properties["containerDefinitions"])
        return found
    if resource.type in POD_OWNERS:
        pods: list[dict[str, Any]] = resource.properties["spec"]["template"]["spec"]["containers"]
        return pods
    return []


def variables(container: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Of a task's or of a pod's container."""
    for each in (*container.get("environment", ()), *container.get("env", ())):
        name = each["name"]
        yield name, each["value"] if "value" in each else REFERRED.get(name, name)
    for each in container.get("secrets", ()):
        yield each["name"], REFERRED.get(each["name"], each["name"])


@dataclass(frozen=True, kw_only=True)
class Read:
    """What the settings classes made of all that is given."""

    parsed: tuple[tuple[Given, Mapping[str, object]], ...]
    """With each container's: variable -> value of its field."""
    dead: frozenset[str]
    """Variables whose fields nothing uses."""


@pytest.fixture(scope="module")
def read(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Read:
    home = tmp_path_factory.mktemp("home")
    everything = [each for choice in CHOICES for each in given(choice)]
    said = subprocess.run(
        [environment / "bin" / "python", "-P", read_environment.__file__],
        input=json.dumps([{**each.environment, "HOME": str(home)} for each in everything]),
        capture_output=True,
        text=True,
        check=True,
        cwd=home,
        env={"HOME": str(home)},
    )
    found = json.loads(said.stdout)
    return Read(
        parsed=tuple(zip(everything, found["parsed"], strict=True)), dead=frozenset(found["dead"])
    )


def test_every_choice_has_its_servers_and_a_bootstrap(read: Read) -> None:
    for choice in CHOICES:
        found = [each for each, _ in read.parsed if each.choice == choice]
        bootstraps = [each for each in found if "BOOTSTRAP_ADMIN_URI" in each.environment]
        assert len(bootstraps) == 1
        assert len(found) - len(bootstraps) == 1 + settings(choice).worker.enabled


def test_what_is_set_is_read_by_a_settings_class_or_by_name(read: Read, environment: Path) -> None:
    source = "\n".join(
        file.read_text(encoding="utf-8")
        for file in (live.packages(environment) / "letta").rglob("*.py")
    )
    unread = {
        (name, each.container)
        for each, parsed in read.parsed
        for name in each.environment.keys() - parsed.keys() - OWN
        if f'"{name}"' not in source
    }
    assert unread == set()


def test_nothing_is_set_that_the_server_defines_and_never_uses(read: Read) -> None:
    assert read.dead >= KNOWN_DEAD
    assert {name for _, parsed in read.parsed for name in parsed} & read.dead == set()


def test_every_value_is_to_the_server_what_the_stack_file_means(read: Read) -> None:
    wrong = {
        (each.container, name): (value, meaning)
        for each, parsed in read.parsed
        for name, value in parsed.items()
        if name != "LETTA_ENABLE_BATCH_JOB_POLLING"
        and not same(value, meaning := meant(each, name))
    }
    assert wrong == {}


def meant(given: Given, name: str) -> object:
    if name in MEANT:
        return MEANT[name](settings(given.choice))
    return given.environment[name]


def same(value: object, meaning: object) -> bool:
    """Also of the same type: 1 is not true."""
    return type(value) is type(meaning) and value == meaning


@pytest.mark.parametrize("choice", CHOICES)
def test_only_the_worker_of_a_stack_with_anthropic_polls_batches(read: Read, choice: str) -> None:
    polling = {
        each.container
        for each, parsed in read.parsed
        if each.choice == choice and parsed.get("LETTA_ENABLE_BATCH_JOB_POLLING")
    }
    expected = "anthropic" in settings(choice).llm.providers
    assert len(polling) == expected
    assert all("-work/" in name for name in polling)
