"""Savings: the switches that make a stack cheaper, and when the night is."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from components.args.base import Args, Time


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(
            "no time zone of the IANA database; write it such as Europe/Berlin, or UTC"
        ) from error
    return name


class NightArgs(Args):
    """The hours of every day in which a tier keeps to its fewest copies."""

    begins: Time
    """When the night begins, `22:00`, by the clock of `timezone`."""
    ends: Time
    """When it ends, `06:00`; before `begins` it is that of the next day."""
    timezone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    """Name of the IANA database, `Europe/Berlin`; follows summer time."""

    @model_validator(mode="after")
    def _lasts(self) -> NightArgs:
        if self.begins == self.ends:
            raise ValueError(
                f"the night begins and ends at {self.begins}; give it two different times, or set "
                "max_replicas of the tier to its min_replicas where it need never scale"
            )
        return self


class SavingsArgs(Args):
    """Switches that save money (requirement K4), all off by default.

    Each sets a value of a role or of the workload. One that contradicts a value that the stack
    file gives, or that would change nothing, is refused.
    """

    spot_workers: bool = False
    """Workers on spare capacity: `worker.capacity: spot`. The cloud takes machines back at two
    minutes' notice; work under way is then lost and must be sent again."""
    reserved_years: Literal[0, 1, 3] = 0
    """Term for which machines, databases and caches are reserved, years; 0: none. It changes what
    is billed and nothing that is deployed: the reservation is bought in the cloud's console."""
    night: NightArgs | None = None
    """When the tiers keep to `min_replicas`; ECS only."""
    arm64: bool = False
    """Sizes of API, worker and database from the table of arm64 machines (Graviton). GPUs and
    self-hosted models stay on x86_64."""
    prompt_caching: float | None = Field(default=None, gt=0, lt=1, allow_inf_nan=False)
    """Share of input tokens that the provider reads from its cache: `workload.cached_input_share`.
    Providers cache by themselves, or by what the server sends; this states how often they hit."""
    prompt_trimming: float | None = Field(default=None, gt=0, lt=1, allow_inf_nan=False)
    """Share of input tokens that shorter prompts spare. The server has no switch for it: fewer
    memory blocks, tools and a smaller `context_window_limit` of the agents themselves do it."""
    quantised_weights: Literal["fp8", "awq"] | None = None
    """Weights of fewer bits for the model that vLLM serves: `llm.vllm.model`. 8 bits hardly show
    in the answers; whether 4 (`awq`) do is yours to try."""
    logs_endpoint: bool = False
    """A private endpoint for the cloud's log service, so that logs bypass NAT."""
    single_nat: bool = False
    """One NAT gateway for all zones: `ingress.nat: single`. When its zone fails, so does the way
    of all servers to their model providers."""
