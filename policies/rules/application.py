"""What Letta 0.16.4 forces on a deployment; the facts behind each are in docs/letta.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from components.args import CacheArgs
from components.letta.environment import (
    HEALTH_PATH,
    POSTGRES_URI,
    REDIS_HOST,
    STOP_TIMEOUT_SECONDS,
)
from components.letta.providers import PROVIDERS
from components.letta.server import START
from policies.facts.model import Deployment, Server, Service
from policies.rules.rule import Config, Number, Rule, Violation, missing, violation

REMOTE_SANDBOXES = ("E2B_API_KEY", "MODAL_TOKEN_ID")
"""Variables that move tools out of the server (letta 0.16.4, `letta/settings.py`)."""


def _servers(deployment: Deployment) -> Iterator[tuple[Service, Server]]:
    for service in deployment.services:
        for server in service.task.servers:
            yield service, server


def _no_server(deployment: Deployment) -> Iterator[Violation]:
    yield from missing(deployment, deployment.services, "tier of servers")
    for service in deployment.services:
        if not len(service.task.servers):
            yield violation(service, "none of its containers runs Letta", "set its image")


def external_stores(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from _no_server(deployment)
    for _service, server in _servers(deployment):
        for variable, given in (
            (POSTGRES_URI, POSTGRES_URI in server.references),
            (REDIS_HOST, REDIS_HOST in server.references or server.environment.get(REDIS_HOST)),
        ):
            if not given:
                yield violation(
                    server,
                    f"container {server.container} has no {variable} and would start a "
                    "throw-away store of its own",
                    "hand it over by reference",
                )


def pooling_on(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from _no_server(deployment)
    for _service, server in _servers(deployment):
        if not server.pooling:
            yield violation(
                server,
                f"container {server.container} opens a database connection for every query, "
                "without bound",
                "set LETTA_DISABLE_SQLALCHEMY_POOLING to false",
            )


def server_never_migrates(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from _no_server(deployment)
    for _service, server in _servers(deployment):
        if tuple(server.arguments[: len(START)]) != START:
            said = " ".join(server.arguments)[:40] or "the image's own"
            yield violation(
                server,
                f"container {server.container} starts with `{said}`: the image's start script "
                "migrates, without a lock, and both it and `letta server` log the server's "
                "password",
                "give it SERVER_COMMAND of components/letta/environment.py",
            )


def bootstrap_present(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.bootstraps, "bootstrap of the database")
    images = {
        container.image
        for bootstrap in deployment.bootstraps
        for task in bootstrap.tasks
        for container in task.containers
    }
    for service in deployment.services:
        if deployment.bootstraps and not len(service.waits_for):
            yield violation(
                service,
                "does not wait for the bootstrap of the database",
                "let it depend on the bootstrap",
            )
    for _service, server in _servers(deployment):
        if images and server.image not in images:
            yield violation(
                server,
                f"runs {server.image}, the bootstrap migrates for {', '.join(sorted(images))}",
                "give both the same image",
            )


def health_check_path(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from _no_server(deployment)
    for service in deployment.services:
        for check in service.health_checks:
            if check.path != HEALTH_PATH:
                yield violation(
                    check,
                    f"asks {check.path or '/'}, must ask {HEALTH_PATH}: others redirect or "
                    "want the password",
                    f"set the health check's path to {HEALTH_PATH}",
                )
        for server in service.task.servers:
            for probe in server.probes:
                if probe.path != HEALTH_PATH:
                    yield violation(
                        server,
                        f"its {probe.kind} probe asks {probe.path or 'nothing over HTTP'}, must "
                        f"ask {HEALTH_PATH}: others redirect or want the password",
                        f"set the probe's path to {HEALTH_PATH}",
                    )
            asked = len(service.health_checks) or len(server.probes)
            if not asked and not any(HEALTH_PATH in word for word in server.health_command):
                yield violation(
                    server,
                    f"nothing asks {HEALTH_PATH} of container {server.container}",
                    "register it with a load balancer or give it a health check",
                )


def load_balancer_idle_timeout(deployment: Deployment, config: Config) -> Iterable[Violation]:
    least = int(config["leastSeconds"])
    yield from _no_server(deployment)
    for balancer in deployment.load_balancers:
        if balancer.idle_timeout_seconds < least:
            yield violation(
                balancer,
                f"cuts a connection after {balancer.idle_timeout_seconds} s of silence, least is "
                f"{least} s: a message call sends no byte until it is done",
                f"set letta:ingress.idle_timeout_seconds to {least} or more",
            )
        for _service, server in _servers(deployment):
            if server.keepalive_seconds <= balancer.idle_timeout_seconds:
                yield violation(
                    server,
                    f"keeps idle connections for {server.keepalive_seconds} s, must keep them "
                    f"longer than {balancer.name} does ({balancer.idle_timeout_seconds} s)",
                    "set LETTA_UVICORN_TIMEOUT_KEEP_ALIVE",
                )


def drain_and_stop(deployment: Deployment, config: Config) -> Iterable[Violation]:
    least = int(config["leastSeconds"])
    yield from _no_server(deployment)
    for service in deployment.services:
        for check in service.health_checks:
            if check.drain_seconds < least:
                yield violation(
                    check,
                    f"lets requests of a leaving copy run for {check.drain_seconds} s, "
                    f"least is {least} s",
                    "raise its deregistration delay",
                )
    for _service, server in _servers(deployment):
        if server.stop_timeout_seconds < least:
            yield violation(
                server,
                f"container {server.container} is killed {server.stop_timeout_seconds} s after "
                f"it is asked to stop, least is {least} s",
                "raise its stop timeout",
            )


def cache_eviction(deployment: Deployment, _: Config) -> Iterable[Violation]:
    expected = CacheArgs.model_fields["eviction_policy"].default
    yield from missing(deployment, deployment.caches, "cache")
    for cache in deployment.caches:
        if cache.eviction_policy != expected:
            yield violation(
                cache,
                f"evicts by {cache.eviction_policy or 'the default policy'}, must evict by "
                f"{expected}: a full cache must not refuse writes",
                f"set letta:cache.eviction_policy to {expected}",
            )


def cache_no_persistence(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.caches, "cache")
    for cache in deployment.caches:
        if cache.persistent:
            yield violation(
                cache,
                "writes its data to disk or snapshots, must keep it in memory only",
                "set letta:cache.snapshot_retention_days to 0",
            )


def cache_reachable(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.caches, "cache")
    for cache in deployment.caches:
        demands = [
            what
            for what, demanded in (
                ("TLS", cache.tls),
                ("a password", cache.password),
                ("cluster redirects", cache.sharded),
            )
            if demanded
        ]
        if demands:
            yield violation(
                cache,
                f"demands {' and '.join(demands)}, which the server's client does not speak: "
                "it would go on without a cache",
                "turn them off; the security group keeps strangers out",
            )


def log_data(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from _no_server(deployment)
    for _service, server in _servers(deployment):
        if server.debug:
            yield violation(
                server,
                f"container {server.container} logs at DEBUG, where users' data can appear",
                "set letta:monitoring.debug_logs to false",
            )


def tools_run_in_server(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from _no_server(deployment)
    for _service, server in _servers(deployment):
        if not any(name in (*server.references, *server.environment) for name in REMOTE_SANDBOXES):
            yield violation(
                server,
                f"agents' tools run inside container {server.container} and can read its "
                "variables, secrets included",
                "let only people you trust write tools",
            )


def model_provider_has_key(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from _no_server(deployment)
    for _service, server in _servers(deployment):
        present = {*server.references, *server.environment}
        lacking: dict[str, list[str]] = {}
        for handle in (server.model, server.embedding):
            name = handle.partition("/")[0]
            if name in PROVIDERS:
                provider = PROVIDERS[name]
                needed = {*provider.secrets.values(), *provider.required.values()}
                if not needed <= present:
                    lacking.setdefault(name, []).append(handle)
        for name, handles in lacking.items():
            yield violation(
                server,
                f"the default of its agents is {' and '.join(handles)}, but no key of {name} "
                "is given",
                f"set letta:llm.providers.{name}, or letta:llm.model and letta:embedding.model",
            )


RULES = (
    Rule(
        name="external-stores",
        description="Every server is told its database and its cache.",
        severity="critical",
        check=external_stores,
    ),
    Rule(
        name="pooling-on",
        description="Servers keep their database connections in a pool.",
        severity="high",
        check=pooling_on,
    ),
    Rule(
        name="server-never-migrates",
        description="Servers start without the migration that the image's start script runs.",
        severity="high",
        check=server_never_migrates,
    ),
    Rule(
        name="bootstrap-present",
        description="A bootstrap with the servers' image prepares the database before they start.",
        severity="critical",
        check=bootstrap_present,
    ),
    Rule(
        name="health-check-path",
        description="Health checks ask the one path that answers without a password.",
        severity="high",
        check=health_check_path,
    ),
    Rule(
        name="load-balancer-idle-timeout",
        description="A silent request outlives the longest agent run, and servers hold out longer.",
        severity="high",
        check=load_balancer_idle_timeout,
        numbers=(
            Number(
                name="leastSeconds",
                description="Shortest idle limit of a load balancer, seconds: the longest wait "
                "for a model, by the default of OpenAI's client that Letta uses.",
                default=600,
                minimum=1,
                maximum=4000,
            ),
        ),
    ),
    Rule(
        name="drain-and-stop",
        description="A copy that leaves may finish its requests.",
        severity="medium",
        check=drain_and_stop,
        numbers=(
            Number(
                name="leastSeconds",
                description="Shortest time to drain and to stop, seconds.",
                default=STOP_TIMEOUT_SECONDS,
                minimum=1,
                maximum=3600,
            ),
        ),
    ),
    Rule(
        name="cache-eviction",
        description="A full cache evicts its least recently used keys.",
        severity="medium",
        check=cache_eviction,
    ),
    Rule(
        name="cache-no-persistence",
        description="The cache keeps nothing on disk or in snapshots.",
        severity="medium",
        check=cache_no_persistence,
    ),
    Rule(
        name="cache-reachable",
        description="The cache speaks what the server's client speaks: no TLS, password or shards.",
        severity="critical",
        check=cache_reachable,
    ),
    Rule(
        name="log-data",
        description="Servers log no more than they must.",
        severity="low",
        check=log_data,
        advisory=True,
    ),
    Rule(
        name="tools-run-in-server",
        description="Agents' tools run in a sandbox of their own.",
        severity="medium",
        check=tools_run_in_server,
        advisory=True,
    ),
    Rule(
        name="model-provider-has-key",
        description="The default models' providers have their keys.",
        severity="low",
        check=model_provider_has_key,
        advisory=True,
    ),
)
