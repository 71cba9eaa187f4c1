"""Google Cloud as the check functions see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from components.gcp import catalog
from sandbox.cloud import Cloud


@dataclass(frozen=True, kw_only=True)
class GcpCloud(Cloud):
    """The project, with what the catalog says of the region."""

    @property
    def project(self) -> str:
        """The project's id."""
        return self.variables["project"]

    @property
    def number(self) -> str:
        """The project's number."""
        return self.variables["number"]

    @property
    def default_labels(self) -> Mapping[str, str]:
        """Labels that the provider adds to whatever has labels."""
        labels: Mapping[str, str] = json.loads(self.variables["labels"])
        return labels

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones of the region."""
        return catalog.zones(self.region)
