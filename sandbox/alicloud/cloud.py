"""Aliyun as the check functions see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.alicloud import catalog
from sandbox.cloud import Cloud


@dataclass(frozen=True, kw_only=True)
class AlicloudCloud(Cloud):
    """The account, with what it holds beforehand."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones of the region."""
        return catalog.zones(self.region)

    @property
    def beforehand(self) -> Mapping[str, Any]:
        """What exists before anything is created."""
        from sandbox.packages import package  # the package names this module

        return package("alicloud").account
