"""The ground: what a cluster stands on."""

from __future__ import annotations

from dataclasses import dataclass

from components.alicloud.alerts import Alerts
from components.alicloud.encryption import Key
from components.alicloud.logs import Logs
from components.alicloud.network import Network
from components.alicloud.place import Place


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Network, key, alerts and logs of one stack."""

    place: Place
    network: Network
    key: Key
    alerts: Alerts
    logs: Logs
