"""What a workload uses in a month, in neutral quantities: tokens, traffic, logs, files, requests.

Everything follows from the `Workload` of the stack file and the constants of this file. GB are
10^9 bytes. What of it passes a NAT gateway or is kept for how long depends on the things of a
deployment and is said in `pricing/tariffs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from infra.capacity import HORIZON_MONTHS, database_gib
from infra.tiers import Workload
from pricing.span import Span
from pricing.units import HOURS_A_MONTH

SECONDS_PER_MONTH = HOURS_A_MONTH * 3600
DAYS_PER_MONTH = Decimal(365) / 12

_KB_PER_GB = 1_000_000
_MB_PER_GB = 1000

TOKENS_PER_MEMORY = 1000
"""Tokens of one archival memory (C5: 5 M memories against 5000 M tokens)."""
BYTES_PER_TOKEN = 4
"""Bytes of one token of English text, the rule of thumb of OpenAI's help centre ("What are
tokens and how to count them?"); JSON around it is within that."""
EMBEDDING_KB = 8
"""An embedding as a provider answers it: 1536 four-byte numbers in base64, kB."""
DATABASE_KB_PER_MESSAGE = 100
"""Traffic between server and database for one message, kB. An estimate: some 50 statements
(letta-ai/letta#3219), the context read once and the rows of the message written."""
FLOW_LOG_KB_PER_MESSAGE = 3
"""Network flow records of one message, kB. An estimate: some ten connections or parts of one,
each recorded in both directions, 150 bytes a record."""
FIREWALL_LOG_KB_PER_REQUEST = 2
"""A web firewall's record of one request with its headers, kB. An estimate."""
ACCESS_LOG_KB_PER_REQUEST = Decimal("0.5")
"""A load balancer's record of one request, kB. An estimate: 30 fields."""
CONTROL_PLANE_LOG_GB = Decimal(30)
"""Audit and API logs of a Kubernetes control plane in a month, GB. An estimate: 1 GB a day,
most of it the cluster's own controllers; users' messages hardly touch it."""
JOB_LOG_GB = Decimal("0.01")
"""Lines of the bootstrap in a month, GB. An estimate: some thousand a deployment."""
OTHER_LOG_GB = Decimal(1)
"""What a service of the cloud or a machine logs of itself in a month, GB a log group. An
estimate: databases log slow statements only, machines what their agents do."""
METRICS_LOG_GB_PER_SERVICE = Decimal("0.1")
"""Performance records of one service in a month, GB. An estimate: 2 kB each minute."""
DEPLOYS_PER_MONTH = 10
"""An estimate, for what runs once a deployment."""
DEPLOY_SECONDS = 120
"""How long a function of the bootstrap runs, seconds. An estimate."""
READS_PER_SECRET = HOURS_A_MONTH
"""How often a secret is read in a month: once an hour, far above what deploys and autoscaling
cause. An estimate."""
CALLS_PER_KEY = 10_000
"""How often the cloud's services ask for a key in a month. An estimate: data keys are cached."""
BACKUP_DAILY_CHANGE = 3
"""Bytes of transaction log and changed blocks that a backup takes for each new byte of data. An
estimate."""
DUMP_SHARE = Decimal("0.4")
"""Bytes of a compressed dump for each byte in the database, indexes included. An estimate."""
DUMP_GIB_PER_HOUR = 60
"""What a dump reads of the database in an hour, GiB. An estimate: compression on one core."""
DUMP_START_HOURS = Decimal("0.05")
"""What a run is billed for beside that: images are fetched, rows counted, the dump checked and
uploaded. An estimate."""
DUMP_PART_MB = 8
"""Size of a part in which a file is uploaded, MB (AWS CLI, `multipart_chunksize`)."""
QUEUE_REQUESTS_PER_MESSAGE = 3
"""Send, receive, delete."""
FILE_MB = 1
"""Size of one file, MB. An estimate, for requests only."""
READS_PER_FILE = 10
"""How often a file is read. An estimate."""
REQUEST_SECONDS = 30
"""How long the call of one message lasts, seconds. An estimate: an agent asks its language model
several times."""
FILES_CEILING = 2
"""Files at the bill's ceiling, as a multiple of the declared (S1: twice the headroom)."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a workload uses in a month."""

    messages: Decimal
    """Messages to agents; each is one request to the API."""
    input_tokens: Decimal
    """Tokens that the language model reads, cached ones among them."""
    cached_input_tokens: Decimal
    """Those of them that the provider's prompt cache serves."""
    output_tokens: Decimal
    """Tokens that the language model writes."""
    embedding_tokens: Decimal
    """Tokens that are embedded."""
    internet_out_gb: Decimal
    """Traffic with callers, GB; all of it counts as leaving the cloud, as N4 counts it."""
    llm_out_gb: Decimal
    """Prompts on their way to an external provider, GB."""
    llm_in_gb: Decimal
    """Its answers, GB."""
    embedding_out_gb: Decimal
    """Texts on their way to an external embedding provider, GB."""
    embedding_in_gb: Decimal
    """Its embeddings, GB."""
    database_transfer_gb: Decimal
    """Traffic between servers and database in both directions together, GB."""
    application_log_gb: Decimal
    """Lines of the servers, GB."""
    flow_log_gb: Decimal
    """Network flow records, GB."""
    firewall_log_gb: Decimal
    """Records of a web firewall, GB."""
    access_log_gb: Decimal
    """Records of a load balancer, GB."""
    files_gb: Span
    """Files in object storage after `HORIZON_MONTHS`, GB."""
    file_writes: Decimal
    """Files that are written."""
    file_reads: Decimal
    """Files that are read."""
    queue_requests: Decimal
    """Requests to the queue."""
    database_gib: Decimal
    """Data in the database after `HORIZON_MONTHS`, GiB."""
    daily_backup_gib: Decimal
    """What a day adds to the backups, GiB."""
    busy_requests: Decimal
    """Requests in work at once, on average."""


def usage_of(workload: Workload) -> Usage:
    """What `workload` uses in a month."""
    messages = Decimal(workload.agents) * workload.messages_per_agent
    memories = Decimal(workload.agents) * workload.new_memories_per_agent
    input_tokens = messages * workload.input_tokens_per_message
    output_tokens = messages * workload.output_tokens_per_message
    embedding_tokens = memories * TOKENS_PER_MEMORY
    files_gb = workload.agents * _decimal(workload.file_mb_per_agent) / _MB_PER_GB
    data_gib = _decimal(database_gib(workload))
    file_writes = files_gb * _MB_PER_GB / FILE_MB / HORIZON_MONTHS
    return Usage(
        messages=messages,
        input_tokens=input_tokens,
        cached_input_tokens=input_tokens * _decimal(workload.cached_input_share),
        output_tokens=output_tokens,
        embedding_tokens=embedding_tokens,
        internet_out_gb=messages * _decimal(workload.traffic_kb_per_message) / _KB_PER_GB,
        llm_out_gb=input_tokens * BYTES_PER_TOKEN / 10**9,
        llm_in_gb=output_tokens * BYTES_PER_TOKEN / 10**9,
        embedding_out_gb=embedding_tokens * BYTES_PER_TOKEN / 10**9,
        embedding_in_gb=memories * EMBEDDING_KB / _KB_PER_GB,
        database_transfer_gb=messages * DATABASE_KB_PER_MESSAGE / _KB_PER_GB,
        application_log_gb=messages * _decimal(workload.log_kb_per_message) / _KB_PER_GB,
        flow_log_gb=messages * FLOW_LOG_KB_PER_MESSAGE / _KB_PER_GB,
        firewall_log_gb=messages * FIREWALL_LOG_KB_PER_REQUEST / _KB_PER_GB,
        access_log_gb=messages * ACCESS_LOG_KB_PER_REQUEST / _KB_PER_GB,
        files_gb=Span.of(files_gb, files_gb, files_gb * FILES_CEILING),
        file_writes=file_writes,
        file_reads=file_writes * READS_PER_FILE,
        queue_requests=Decimal(workload.queue_messages) * QUEUE_REQUESTS_PER_MESSAGE,
        database_gib=data_gib,
        daily_backup_gib=data_gib / HORIZON_MONTHS / DAYS_PER_MONTH * BACKUP_DAILY_CHANGE,
        busy_requests=messages * REQUEST_SECONDS / SECONDS_PER_MONTH,
    )


def _decimal(value: float) -> Decimal:
    """The number as a person writes it, not its nearest binary fraction."""
    return Decimal(str(value))
