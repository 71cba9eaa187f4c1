"""The server's environment, ports and timings.

Every variable here is read by Letta 0.16.4 (`letta/settings.py` at that tag) or by its uvicorn;
those that it defines and never reads are left out on purpose.
"""

from __future__ import annotations

from components.args import (
    DatabaseArgs,
    EmbeddingArgs,
    IngressArgs,
    LlmArgs,
    MonitoringArgs,
)
from components.letta import providers
from components.letta.server import START

PORT = 8283
"""Port of the API (image's EXPOSE)."""
HEALTH_PATH = "/v1/health/"
"""With the trailing slash: without it the answer is a 307. Needs no password. Checks
nothing behind the process: it stays 200 with the database down."""
SERVER_COMMAND = (*START, "--host", "0.0.0.0", "--port", str(PORT))  # noqa: S104
"""What a server's container executes."""
HOME = "/home/letta"
"""Where the server keeps its configuration, its log file and the environments of tools."""
WORK = "/work"
"""The server's work directory: it writes the description of its API there at every start."""
STARTUP_SECONDS = 180
"""Budget from start to ready (measured 15-24 s on two cores, four times that on a quarter)."""
STOP_TIMEOUT_SECONDS = 120
"""Grace after SIGTERM; requests in flight are drained. 120 is the most that Fargate allows."""
DRAIN_SECONDS = 600
"""The same where the platform sets no bound: what one call of a model may take. That is the default
of OpenAI's client; `LETTA_LLM_STREAM_TIMEOUT_SECONDS` is defined by 0.16.4 and read by nothing."""
KEEPALIVE_MARGIN_SECONDS = 30
"""How much longer than the load balancer the server keeps an idle connection, so that the
load balancer never writes into one that the server has just closed (502)."""
SSE_PING_SECONDS = 15
"""Interval of keep-alive events in a stream."""
UVICORN_WORKERS = 1
"""One process per copy: the pinned uvicorn does not restart dead workers; scale copies."""

WORKER_PATHS = (
    "/v1/agents/*/messages/async",
    "/v1/folders/*/upload",
    "/v1/sources/*/upload",
    "/v1/messages/batches",
)
"""Long work that runs inside the process that took the request: routed to the worker tier."""

POSTGRES_URI = "LETTA_PG_URI"
REDIS_HOST = "LETTA_REDIS_HOST"
SERVER_PASSWORD = "LETTA_SERVER_PASSWORD"  # noqa: S105  (the variable's name, not a password)
ENCRYPTION_KEY = "LETTA_ENCRYPTION_KEY"
FORWARDED = "FORWARDED_ALLOW_IPS"
"""From whom uvicorn believes how a client came; without it, from its own machine alone."""

REQUIRED_REFERENCES = (POSTGRES_URI, REDIS_HOST, SERVER_PASSWORD, ENCRYPTION_KEY)
"""Variables that must come by reference. Without the first two the image starts a
throw-away database and cache of its own; without the others each copy invents its own
password and stores secrets in plain text."""


def keepalive_seconds(ingress: IngressArgs) -> int:
    """How long the server keeps idle connections: above the load balancer's limit."""
    return ingress.idle_timeout_seconds + KEEPALIVE_MARGIN_SECONDS


def server_environment(
    *,
    database: DatabaseArgs,
    ingress: IngressArgs,
    monitoring: MonitoringArgs,
    llm: LlmArgs,
    embedding: EmbeddingArgs,
    poll_batches: bool,
) -> dict[str, str]:
    """Plain variables of a server process. Secrets and addresses come by reference.

    `poll_batches`: this process competes for the batch-polling lease (needs pooling on,
    which holds here, and an Anthropic key).
    """
    anthropic = "anthropic" in llm.providers
    return {
        "LETTA_ENVIRONMENT": "PRODUCTION",
        "LETTA_SERVER_SECURE": "true",
        "LETTA_UVICORN_WORKERS": str(UVICORN_WORKERS),
        "LETTA_UVICORN_TIMEOUT_KEEP_ALIVE": str(keepalive_seconds(ingress)),
        "LETTA_KEEPALIVE_INTERVAL": str(SSE_PING_SECONDS),
        # Only the way in reaches the port. Told nothing, the server leads a client whose path lacks
        # the last slash to plain HTTP, password and all.
        FORWARDED: "*",
        "LETTA_DISABLE_SQLALCHEMY_POOLING": "false",
        "LETTA_PG_POOL_SIZE": str(database.pool_size),
        "LETTA_PG_MAX_OVERFLOW": str(database.max_overflow),
        "LETTA_PG_POOL_RECYCLE": str(database.pool_recycle_seconds),
        "LETTA_POOL_PRE_PING": "true",
        # Else every raw request to a model, prompts included, is kept in the database for good.
        "LETTA_TRACK_PROVIDER_TRACE": "false",
        "LETTA_LOGGING_JSON_LOGGING": _flag(monitoring.json_logs),
        "LETTA_DEBUG": _flag(monitoring.debug_logs),
        **({"LETTA_DEFAULT_LLM_HANDLE": llm.model} if llm.model else {}),
        # A server of embeddings of one's own has no handle: an agent names its endpoint.
        **(
            {"LETTA_DEFAULT_EMBEDDING_HANDLE": embedding.model}
            if embedding.hosting == "api" and embedding.model
            else {}
        ),
        "LETTA_ENABLE_BATCH_JOB_POLLING": _flag(poll_batches and anthropic),
        **providers.plain_environment(llm.providers),
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"
