"""vLLM: a language model on GPU machines, from its front door to its scaling (requirement L3)."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.roles import Reference
from components.workloads import companions, network_policies, router
from components.workloads.cluster import Cluster, Placement
from components.workloads.queue_scaling import (
    SCRAPERS,
    Source,
    Target,
    metrics_server,
    scaled_object,
)
from components.workloads.router import Router
from components.workloads.secrets import Secrets, secrets
from components.workloads.vllm_engine import one_machine
from components.workloads.vllm_nodes import LEADER, several_machines
from components.workloads.vllm_pods import PORT, Engine

ENGINES = "vllm-engines"
"""Name of the headless Service that stands for the engines that are ready."""


class Vllm(pulumi.ComponentResource):
    """Engines, the router before them, and what moves their number.

    No engine asks for a key, for the application has none to give: who may call router and
    engines is decided by network policies alone.
    """

    environment: dict[str, str]
    """How the application finds it: variable -> address."""
    done: pulumi.Resource
    """There once the model can be listed, which is long before it answers."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        references: Mapping[str, Reference],
        cluster: Cluster,
        placement: Placement,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """`references`: the access token for a gated model. The engines start after
        `opts.depends_on`."""
        super().__init__(
            "letta:workloads:Vllm",
            name,
            {
                "model": engine.model.repository,
                "machines": engine.fit.nodes,
                "gpus": engine.fit.machine.gpus,
                "contextTokens": engine.args.context_tokens,
                "concurrency": engine.args.concurrency,
                "minReplicas": engine.args.min_replicas,
                "maxReplicas": engine.args.max_replicas,
            },
            companions.within(cluster, opts, former="letta:workloads:Ollama"),
        )
        self._name, self._engine, self._cluster = name, engine, cluster
        self._child = pulumi.ResourceOptions(parent=self, depends_on=cluster.ready)
        front = Router(
            f"{name}-router",
            engine.model,
            context_tokens=engine.args.context_tokens,
            engines=ENGINES,
            engine_port=PORT,
            most_engines=engine.args.max_replicas,
            scrapers=SCRAPERS if engine.scales else (),
            cluster=cluster,
            opts=pulumi.ResourceOptions(parent=self),
        )
        account = companions.service_account(self, name, "llm-engine", self._child)
        values = self._secrets(references)
        target, engines = self._engines(
            values,
            placement,
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(depends_on=[account, self._access(), *values.ready]),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
        )
        if engine.scales:
            self._scale(target, engines, front)
        self.environment = front.environment
        self.done = front.done
        # The engine shows rules what a component gives, in place of what it was given.
        self.register_outputs({**self.environment, "concurrency": engine.args.concurrency})

    def _secrets(self, references: Mapping[str, Reference]) -> Secrets:
        needed = references if self._engine.model.gated else {}
        return secrets(self, self._name, "llm-engine", needed, self._cluster)

    def _access(self) -> pulumi.Resource:
        policies, engine = network_policies, self._engine
        # The processes of a group choose their own ports for what they tell each other.
        group = policies.pods("llm-engine") if engine.fit.nodes > 1 else []
        return policies.network_policy(
            self,
            self._name,
            "llm-engine",
            ingress=[
                policies.allow_from(policies.pods("llm"), PORT),
                *([policies.allow_from(SCRAPERS, PORT)] if engine.scales else []),
                *([policies.allow_from(group)] if group else []),
            ],
            egress=[
                # The model comes from Hugging Face.
                policies.allow_to(policies.internet(self._cluster), 443),
                *([policies.allow_to(group)] if group else []),
            ],
            opts=self._child,
        )

    def _engines(
        self, values: Secrets, placement: Placement, opts: pulumi.ResourceOptions
    ) -> tuple[Target, pulumi.Resource]:
        name, engine = self._name, self._engine
        several = engine.fit.nodes > 1
        companions.service(
            self,
            f"{name}-engines",
            "llm-engine",
            self._child,
            instance=name,
            address=ENGINES,
            ports={"http": PORT},
            headless=True,
            matching=LEADER if several else None,
        )
        companions.disruption_budget(self, name, "llm-engine", self._child)
        if several:
            return several_machines(self, name, engine, placement, values, opts=opts)
        return one_machine(self, name, engine, placement, values, service=ENGINES, opts=opts)

    def _scale(self, target: Target, engines: pulumi.Resource, front: Router) -> None:
        name, engine = self._name, self._engine
        metrics = metrics_server(
            self,
            f"{name}-metrics",
            Source(service=ENGINES, port=PORT),
            Source(service=router.COPIES, port=router.METRICS_PORT),
            self._cluster,
        )
        scaled_object(
            self,
            f"{name}-queue",
            target,
            engine.args,
            engine.model.repository,
            requests=router.REQUESTS,
            opts=pulumi.ResourceOptions(depends_on=[engines, front.done, metrics]),
        )
