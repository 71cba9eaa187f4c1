"""AWS as the check functions see it."""

from __future__ import annotations

from dataclasses import dataclass

from components.aws import catalog
from sandbox.cloud import Cloud


@dataclass(frozen=True, kw_only=True)
class AwsCloud(Cloud):
    """The cloud, with what the catalog says of the region."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The availability zones of the region."""
        return catalog.zones(self.region)

    def offered(self, kind: catalog.Kind, name: str) -> bool:
        """Whether the region offers an `ec2`, `rds` or `elasticache` type of that name."""
        try:
            return catalog.offered(kind, name, self.region)
        except catalog.CatalogError:
            return False
