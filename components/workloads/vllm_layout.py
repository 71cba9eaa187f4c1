"""Layout: how copies of a model that vLLM serves lie on machines and disks."""

from __future__ import annotations

from dataclasses import dataclass

from components.args import VllmArgs
from components.models import memory
from components.models.llms import Llm
from components.models.memory import Fit
from components.workloads.disks import VLLM_IMAGES_GIB


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A model, the machines of one copy, and where its files are kept."""

    model: Llm
    fit: Fit
    args: VllmArgs

    @property
    def disk_gib(self) -> int:
        """Room for the model's files on each machine."""
        return memory.disk_gib(self.model)

    @property
    def on_local_disks(self) -> bool:
        """Whether the files lie on the machine's own disks: they are to, and have room there."""
        return (
            self.args.model_cache == "local"
            and self.fit.machine.local_nvme_gib >= self.disk_gib + VLLM_IMAGES_GIB
        )

    @property
    def keeps_volumes(self) -> bool:
        """Whether the files lie on volumes that outlive pods and machines."""
        return self.args.model_cache == "volume"

    @property
    def scales(self) -> bool:
        """Whether the number of copies moves."""
        return self.args.min_replicas < self.args.max_replicas
