"""Log streams: who writes to which store of Log Service (requirement O2)."""

from __future__ import annotations

from collections.abc import Mapping

SERVERS = "servers"
BOOTSTRAP = "bootstrap"
DUMP = "dump"
MODELS = "models"
REQUESTS = "alb_requests"
"""The load balancer's own; it writes to stores whose names begin so alone (ALB user guide, "Access
logs")."""

COMPONENTS: Mapping[str, tuple[str, ...]] = {
    SERVERS: ("server", "store"),
    BOOTSTRAP: ("bootstrap",),
    DUMP: ("dump",),
    MODELS: ("embedding", "llm", "llm-engine"),
}
"""Stream -> components of pods whose lines it holds. The bootstrap has one of its own: what runs
there has the administrator's password at hand, and fewer people need to read it."""
