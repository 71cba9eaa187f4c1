"""What servers of models get done, as the requirements document has it, and who asks for more.

The speeds are of one machine; the document does not say for how many requests at once.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Final

from pricing.inventory import Inventory, LanguageModel, Machines
from pricing.usage import SECONDS_PER_MONTH, Usage

CPU_PER_SECOND: Final = 100
GPU_PER_SECOND: Final = 1000
"""Embeddings a second of a server without and with a GPU; the upper ends of section 1.3."""
VLLM_PER_SECOND: Final = 100
OLLAMA_PER_SECOND: Final = 50
"""Tokens a second that a language model writes on one machine; the upper ends of section 5.3."""


def overload(inventory: Inventory, usage: Usage) -> str:
    """A warning where a stack serves its language model itself and is asked for more messages
    than all the machines it may grow to can answer, none of them ever idle; else nothing.

    Nobody bills for tokens there, so that the bill alone would not show it. All machines count as
    the fastest: what is warned of cannot be served at any speed of the document.
    """
    machines = sum(
        (
            thing.count.ceiling
            for thing in inventory.things
            if isinstance(thing, Machines) and thing.component == "llm"
        ),
        Decimal(0),
    )
    external = any(isinstance(thing, LanguageModel) for thing in inventory.things)
    most_tokens = machines * VLLM_PER_SECOND * SECONDS_PER_MONTH
    if external or not machines or usage.output_tokens <= most_tokens:
        return ""
    served = usage.messages * most_tokens / usage.output_tokens
    needed = (usage.output_tokens / most_tokens * machines).to_integral_value(ROUND_CEILING)
    return (
        f"the stack's own language model cannot answer {usage.messages:,.0f} messages a month at "
        f"{VLLM_PER_SECOND} tokens a second, the most that the requirements document gives a "
        f"machine: the bill has {machines:,.0f} of them at most, for {served:,.0f} messages; it "
        f"would take {needed:,.0f}. Measure what yours do, raise letta:llm.vllm.max_replicas, or "
        "let a provider serve it (letta:llm.hosting: api)"
    )
