"""In which region things are: a bill is for one."""

from __future__ import annotations

from policies.facts.graph import Graph
from policies.facts.resource import Resource
from policies.facts.unknown import Undecidable, derived

_PROVIDER = "pulumi:providers:aws"
_DEPLOYMENT = "letta:index:Deployment"


class Regions:
    """The regions that a stack's providers name."""

    def __init__(self, graph: Graph) -> None:
        self._providers = {one.urn: one for one in graph.of(_PROVIDER)}
        self._deployments = tuple(graph.of(_DEPLOYMENT))
        self.stack: str = derived(self._of_stack)
        """Of the deployment's own provider, or the one that all providers name."""

    def _of_stack(self) -> str:
        deployments = {one.urn for one in self._deployments}
        found = list(self._providers.values())
        own = [one for one in found if one.parent in deployments] or found
        named = sorted({one.root.text("region") for one in own if one.root.given("region")})
        if len(named) == 1:
            return named[0]
        first = next(iter(self._deployments), None)
        raise Undecidable(
            first.name if first else "stack",
            first.urn if first else "",
            f"the stack's AWS providers name {len(named)} regions; a bill is for one",
        )

    def elsewhere(self, resource: Resource) -> str:
        """Why a resource is not billed at the prices of the stack's region, as a clause; empty
        for one that is."""
        region = self._of(resource)
        if not region or region == self.stack:
            return ""
        return f"it is in {region}, and the bill is for {self.stack}"

    def _of(self, resource: Resource) -> str:
        if resource.root.stated("region"):
            return resource.root.text("region")
        provider = self._providers.get(resource.provider)
        return provider.root.text("region") if provider else ""
