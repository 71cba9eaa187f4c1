"""Router: the stable front door of a language model that the stack serves itself.

The application asks for the list of models once, when it starts, takes the length of the context
from it, and strikes a model that is not in it from its database (Letta 0.16.4,
`letta/schemas/providers/vllm.py` and `letta/services/provider_manager.py`). So the list must be
there before any engine is, and while there is none. An ordinary HTTP proxy answers it from a
file, spreads the requests over the engines that are ready, and counts them, engine or not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.models.images import ROUTER_IMAGE
from components.models.llms import Llm
from components.workloads import companions, network_policies, pods
from components.workloads.cluster import BASE_PLACEMENT, NAMESPACE, Cluster, address
from components.workloads.labels import labels, metadata, selector
from components.workloads.network_policies import Peer

SERVICE = "vllm"
"""Name of the Service: the application writes its address down once."""
COPIES = "vllm-routers"
"""Name of the headless Service by which each copy's metrics are found."""
PORT = 8000
METRICS_PORT = 8404
METRICS_PATH = "/metrics"
ADDRESS_VARIABLE = "VLLM_API_BASE"
BACKEND = "engines"
"""Name of the engines in the router's metrics."""
REQUESTS = f'haproxy_backend_http_requests_total{{proxy="{BACKEND}"}}'
"""All requests for the model since a copy started, answered or not: a counter that begins at 0
with the copy, not at 1 with its first request."""
REPLICAS = 2
IDLE_SECONDS = 1860
"""Longest silence on a connection: far above the 600 s after which the application's OpenAI client
gives a call of a model up."""
CHECK_SECONDS = 5
"""Interval between health checks of an engine, and between looks at the list of engines."""
GRACE_SECONDS = 600
"""Like an engine's: requests in flight end first."""
MEMORY_MIB = 256
CONNECTIONS = 4096
"""Most connections of each copy, which fit the memory: some 20 KiB each."""
ROLLOUT_SECONDS = 600

_FOLDER = "/usr/local/etc/haproxy"
_MODELS = "models.json"
_CONFIG = "haproxy.cfg"
_DIGEST_LENGTH = 10


class Router(pulumi.ComponentResource):
    """Two copies of a proxy on the nodes that are always there."""

    environment: dict[str, str]
    """How the application finds it: variable -> address."""
    done: pulumi.Resource
    """There once the models can be listed."""

    def __init__(
        self,
        name: str,
        model: Llm,
        *,
        context_tokens: int,
        engines: str,
        engine_port: int,
        most_engines: int,
        scrapers: Sequence[Peer],
        cluster: Cluster,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """`engines`: name of the headless Service behind which they are. `scrapers`: who reads
        its metrics."""
        super().__init__("letta:workloads:Router", name, {"model": model.repository}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=cluster.ready)
        account = companions.service_account(self, name, "llm", child)
        policies = network_policies
        access = policies.network_policy(
            self,
            name,
            "llm",
            ingress=[
                policies.allow_from(policies.pods("server"), PORT),
                *([policies.allow_from(scrapers, METRICS_PORT)] if scrapers else []),
            ],
            egress=[policies.allow_to(policies.pods("llm-engine"), engine_port)],
            opts=child,
        )
        companions.service(
            self, name, "llm", child, instance=name, address=SERVICE, ports={"http": PORT}
        )
        if scrapers:
            companions.service(
                self,
                f"{name}-copies",
                "llm",
                child,
                instance=name,
                address=COPIES,
                ports={"metrics": METRICS_PORT},
                headless=True,
            )
        companions.disruption_budget(self, name, "llm", child)
        files = {
            _CONFIG: configuration(engines, engine_port, most_engines),
            _MODELS: models(model, context_tokens),
        }
        config = core.v1.ConfigMap(
            name,
            metadata=metadata(f"{name}-{_digest(files)}", "llm", instance=name),
            immutable=True,
            data=files,
            opts=child,
        )
        self.done = apps.v1.Deployment(
            name,
            metadata=metadata(name, "llm"),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=REPLICAS,
                selector=meta.v1.LabelSelectorArgs(match_labels=selector(name)),
                strategy=apps.v1.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=apps.v1.RollingUpdateDeploymentArgs(
                        max_surge=1, max_unavailable=0
                    ),
                ),
                progress_deadline_seconds=ROLLOUT_SECONDS,
                revision_history_limit=5,
                template=core.v1.PodTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=labels(name, "llm")),
                    spec=pods.spec(
                        name,
                        containers=[_container()],
                        placement=BASE_PLACEMENT,
                        volumes=[
                            core.v1.VolumeArgs(
                                name="config",
                                config_map=core.v1.ConfigMapVolumeSourceArgs(
                                    name=f"{name}-{_digest(files)}"
                                ),
                            )
                        ],
                        grace_seconds=GRACE_SECONDS,
                        spread=True,
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account, access, config]),
        )
        self.environment = {ADDRESS_VARIABLE: f"{address(SERVICE, PORT)}/v1"}
        self.register_outputs(dict(self.environment))


def models(model: Llm, context_tokens: int) -> str:
    """The list of models as an engine would give it, as far as the application reads it."""
    return json.dumps(
        {
            "object": "list",
            "data": [
                {
                    "id": model.repository,
                    "object": "model",
                    "created": 0,
                    "owned_by": "vllm",
                    "root": model.repository,
                    "parent": None,
                    "max_model_len": context_tokens,
                }
            ],
        }
    )


def configuration(engines: str, engine_port: int, most_engines: int) -> str:
    """The proxy's settings.

    Engines are found by the addresses that their Service's name stands for, which are those of
    ready pods; the one with the fewest requests gets the next. A request is sent again only if
    its engine took none of it.
    """
    host = f"{engines}.{NAMESPACE}.svc.cluster.local"
    return "\n".join(
        [
            "global",
            "\tlog stdout format raw local0 info",
            f"\tmaxconn {CONNECTIONS}",
            "",
            "defaults",
            "\tmode http",
            "\tlog global",
            "\toption dontlognull",
            # Parts of a stream are passed on as they come.
            "\toption http-no-delay",
            "\toption redispatch",
            "\tretries 3",
            "\tretry-on conn-failure",
            "\ttimeout connect 5s",
            "\ttimeout http-request 60s",
            f"\ttimeout client {IDLE_SECONDS}s",
            f"\ttimeout server {IDLE_SECONDS}s",
            "",
            "resolvers cluster",
            "\tparse-resolv-conf",
            "\taccepted_payload_size 8192",
            f"\thold valid {CHECK_SECONDS}s",
            f"\thold nx {CHECK_SECONDS}s",
            f"\thold obsolete {CHECK_SECONDS}s",
            "",
            "frontend models",
            f"\tbind :{PORT}",
            "\toption httplog",
            "\tmonitor-uri /health",
            "\thttp-request return status 200 content-type application/json "
            f"file {_FOLDER}/{_MODELS} if {{ path /v1/models }}",
            # Engines also answer to requests that put them to sleep or show their settings.
            "\thttp-request deny deny_status 404 unless { path_beg /v1/ }",
            f"\tdefault_backend {BACKEND}",
            "",
            f"backend {BACKEND}",
            "\tbalance leastconn",
            "\toption httpchk GET /health",
            f"\tserver-template engine {most_engines} {host}:{engine_port} "
            f"check inter {CHECK_SECONDS}s resolvers cluster init-addr none",
            "",
            "frontend metrics",
            f"\tbind :{METRICS_PORT}",
            "\tno log",
            f"\thttp-request use-service prometheus-exporter if {{ path {METRICS_PATH} }}",
            "\thttp-request deny deny_status 404",
            "",
        ]
    )


def _container() -> core.v1.ContainerArgs:
    probes = pods.http_probes("/health", PORT, startup_seconds=60)
    return core.v1.ContainerArgs(
        name="router",
        image=ROUTER_IMAGE,
        image_pull_policy="IfNotPresent",
        args=["haproxy", "-f", f"{_FOLDER}/{_CONFIG}"],
        ports=[
            core.v1.ContainerPortArgs(name="http", container_port=PORT, protocol="TCP"),
            core.v1.ContainerPortArgs(name="metrics", container_port=METRICS_PORT, protocol="TCP"),
        ],
        resources=pods.resources(
            request_vcpus=0.25,
            request_memory_mib=MEMORY_MIB,
            limit_vcpus=1,
            limit_memory_mib=MEMORY_MIB,
        ),
        security_context=pods.container_security(),
        startup_probe=probes.startup,
        readiness_probe=probes.readiness,
        liveness_probe=probes.liveness,
        volume_mounts=[core.v1.VolumeMountArgs(name="config", mount_path=_FOLDER, read_only=True)],
    )


def _digest(files: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()[:_DIGEST_LENGTH]
