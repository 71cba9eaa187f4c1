"""Tiers of copies: what runs, on which machines, and how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from policies.facts.model.containers import Task
from policies.facts.model.fact import Fact
from policies.facts.model.machines import Machines
from policies.facts.model.pods import Pod


@dataclass(frozen=True, kw_only=True)
class Target(Fact):
    """A measure that the autoscaler holds."""

    metric: Literal["cpu", "memory", "other"]
    percent: float
    scale_out_cooldown_seconds: int
    scale_in_cooldown_seconds: int


@dataclass(frozen=True, kw_only=True)
class Scaling(Fact):
    """An autoscaler of copies."""

    min_copies: int
    max_copies: int
    targets: tuple[Target, ...]


@dataclass(frozen=True, kw_only=True)
class HealthCheck(Fact):
    """How the load balancer sees whether a copy is well, and how it lets go of one."""

    path: str
    drain_seconds: int


@dataclass(frozen=True, kw_only=True)
class Service(Fact):
    """A tier of copies."""

    role: Literal["api", "worker"]
    copies: int
    """Copies that the program asks for, or, once it is `settled`, that the autoscaler wants."""
    settled: bool
    """Whether it exists already and an autoscaler moves its copies."""
    rolling_copies: int
    """Most copies at once: those of a rolling deploy at the autoscaler's ceiling."""
    connected_copies: int
    """Most copies that hold connections at once: those that a deploy replaces finish their
    requests first."""
    task: Task
    pods: tuple[Pod, ...]
    """The same as pods of a cluster; empty elsewhere."""
    serverless: bool
    spot: bool
    """Whether the cloud may take back what it runs on at short notice."""
    machines: tuple[Machines, ...]
    """Where its copies run; empty when serverless."""
    scaling: tuple[Scaling, ...]
    health_checks: tuple[HealthCheck, ...]
    zones: tuple[str, ...]
    """Zones of the subnets that its copies, or their machines, are placed in."""
    waits_for: tuple[str, ...]
    """Names of the bootstraps that end before it starts."""

    @property
    def max_copies(self) -> int:
        """Most copies, without those of a rolling deploy."""
        return max((scaling.max_copies for scaling in self.scaling), default=self.copies)

    @property
    def min_copies(self) -> int:
        """Fewest copies."""
        return min((scaling.min_copies for scaling in self.scaling), default=self.copies)


@dataclass(frozen=True, kw_only=True)
class Bootstrap(Fact):
    """A run that prepares the database, and that the deployment waits for."""

    tasks: tuple[Task, ...]
