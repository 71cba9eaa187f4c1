"""Servers: copies of the Letta server on a cluster (requirements C1 to C4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.args import TierArgs
from components.letta.environment import (
    DRAIN_SECONDS,
    HEALTH_PATH,
    PORT,
    SERVER_COMMAND,
    STARTUP_SECONDS,
    WORK,
)
from components.order import at_once
from components.roles import ServerArgs
from components.workloads import companions, letta, network_policies, pods
from components.workloads.cluster import Cluster, Placement
from components.workloads.labels import labels, metadata, selector
from components.workloads.scaling import autoscaler
from components.workloads.secrets import Secrets, secrets
from components.workloads.sidecars import references, sidecar, upstream_ports

POSTGRES_PORT = 5432
REDIS_PORT = 6379
PRE_STOP_SECONDS = 30
"""How long a leaving copy still takes requests: load balancers learn of its end with delay."""
GRACE_SECONDS = PRE_STOP_SECONDS + DRAIN_SECONDS + 10
"""From the decision that a copy ends until it is killed, seconds."""
ROLLOUT_SECONDS = 900
"""Longest standstill of a deployment, seconds: a machine that is started for it (minutes), the
image's download, the server's start."""
TIMEOUT = "30m"
"""Longest whole deployment, and longest wait for all copies to drain and go."""

_FOLDERS = (letta.HOME_FOLDER, letta.WORK_FOLDER, letta.TEMPORARY_FOLDER)

Register = Callable[[pulumi.Resource], pulumi.Resource]
"""Service -> what makes a cloud's load balancer send requests to its pods. Pods wait for the
load balancer's word only if it knows of them before they start."""


class Servers(pulumi.ComponentResource):
    """A Deployment with its service, autoscaler, disruption budget and network policy.

    A deployment starts a quarter more copies, waits until they are ready, and only then stops
    old ones, which finish the requests that they have.
    """

    service: str
    """Name of the Service, and of the Deployment."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        cluster: Cluster,
        placement: Placement,
        opts: pulumi.ResourceOptions,
        *,
        register: Register,
        node_port: int | None = None,
        balanced: Mapping[str, str] | None = None,
    ) -> None:
        """The copies start after `opts.depends_on`, and after `register` has made the load
        balancer know of them. `node_port`, `balanced`: where it finds them, if it does not call
        pods (`companions.service`). Raises `ValueError` for a store beside the server."""
        ports = upstream_ports(name, server.sidecars)
        super().__init__(
            "letta:workloads:Servers",
            name,
            {
                "replicas": args.replicas,
                "minReplicas": args.min_replicas,
                "maxReplicas": args.max_replicas,
                "requestVcpus": args.request_vcpus,
                "requestMemoryMib": args.request_memory_mib,
            },
            pulumi.ResourceOptions.merge(
                at_once(opts), pulumi.ResourceOptions(providers=[cluster.provider])
            ),
        )
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self, depends_on=cluster.ready)
        values = secrets(self, name, "server", references(server), cluster)
        account = companions.service_account(
            self, name, "server", self._child, namespace=cluster.namespace
        )
        access = self._access(cluster, ports)
        service = companions.service(
            self,
            name,
            "server",
            self._child,
            instance=name,
            ports={"http": PORT},
            node_port=node_port,
            balanced=balanced,
            namespace=cluster.namespace,
        )
        registration = register(service)
        deployment = self._deployment(
            args,
            self._pods(args, server, values, placement),
            cluster.namespace,
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(depends_on=[account, access, registration, *values.ready]),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
        )
        after = pulumi.ResourceOptions(depends_on=[deployment])
        if args.min_replicas < args.max_replicas:
            autoscaler(self, name, "server", args, after, namespace=cluster.namespace)
        companions.disruption_budget(self, name, "server", self._child, namespace=cluster.namespace)
        self.service = name
        self.register_outputs({"service": name})

    def _access(self, cluster: Cluster, ports: Sequence[int]) -> pulumi.Resource:
        policies = network_policies
        return policies.network_policy(
            self,
            self._name,
            "server",
            ingress=policies.from_callers(cluster, PORT),
            egress=[
                *policies.to_stores(cluster, POSTGRES_PORT, REDIS_PORT, *ports),
                policies.allow_to(policies.pods("embedding", "llm")),
                # Model endpoints, MCP servers and tools choose their own ports.
                policies.allow_to(policies.internet(cluster)),
            ],
            namespace=cluster.namespace,
            opts=self._child,
        )

    def _pods(
        self, args: TierArgs, server: ServerArgs, values: Secrets, placement: Placement
    ) -> core.v1.PodTemplateSpecArgs:
        container = letta.container(
            "server",
            server,
            SERVER_COMMAND,
            values.of(server.references),
            _FOLDERS,
            pods.resources(
                request_vcpus=args.request_vcpus,
                request_memory_mib=args.request_memory_mib,
                limit_vcpus=args.task_vcpus,
                limit_memory_mib=args.task_memory_mib,
            ),
        )
        probes = pods.http_probes(HEALTH_PATH, PORT, startup_seconds=STARTUP_SECONDS)
        container.working_dir = WORK
        container.ports = [
            core.v1.ContainerPortArgs(name="http", container_port=PORT, protocol="TCP")
        ]
        container.startup_probe = probes.startup
        container.readiness_probe = probes.readiness
        container.liveness_probe = probes.liveness
        container.lifecycle = core.v1.LifecycleArgs(
            pre_stop=core.v1.LifecycleHandlerArgs(
                sleep=core.v1.SleepActionArgs(seconds=PRE_STOP_SECONDS)
            )
        )
        return core.v1.PodTemplateSpecArgs(
            metadata=meta.v1.ObjectMetaArgs(labels=labels(self._name, "server")),
            spec=pods.spec(
                self._name,
                containers=[container],
                init_containers=[
                    sidecar(each, values.of(each.references)) for each in server.sidecars
                ],
                placement=placement,
                volumes=pods.volumes(_FOLDERS),
                grace_seconds=GRACE_SECONDS,
                spread=True,
            ),
        )

    def _deployment(
        self,
        args: TierArgs,
        template: core.v1.PodTemplateSpecArgs,
        namespace: str,
        opts: pulumi.ResourceOptions,
    ) -> apps.v1.Deployment:
        scales = args.min_replicas < args.max_replicas
        return apps.v1.Deployment(
            self._name,
            metadata=metadata(self._name, "server", namespace=namespace),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=args.replicas,
                selector=meta.v1.LabelSelectorArgs(match_labels=selector(self._name)),
                strategy=apps.v1.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=apps.v1.RollingUpdateDeploymentArgs(
                        max_surge="25%", max_unavailable=0
                    ),
                ),
                min_ready_seconds=15,
                progress_deadline_seconds=ROLLOUT_SECONDS,
                revision_history_limit=5,
                template=template,
            ),
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(
                    parent=self,
                    # The autoscaler moves the count.
                    ignore_changes=["spec.replicas"] if scales else None,
                    custom_timeouts=pulumi.CustomTimeouts(
                        create=TIMEOUT, update=TIMEOUT, delete=TIMEOUT
                    ),
                ),
                opts,
            ),
        )
