"""Disks: what machines and programs of a cluster need beside the data of `data.py`."""

from __future__ import annotations

from typing import Literal

EMBEDDING_DISK_GIB: dict[Literal["cpu", "gpu"], int] = {"cpu": 20, "gpu": 50}
"""Disk of a machine that serves embeddings, by hosting (requirement C5)."""
OLLAMA_DISK_GIB = 50
"""Disk of Ollama's machine, for images; the models are on a volume."""
VLLM_DISK_GIB = 100
"""Disk of a machine of vLLM, for images: its own alone takes tens of GiB. Weights lie
elsewhere."""
VLLM_IMAGES_GIB = 60
"""Of the disks inside such a machine, what images and logs take beside the weights."""
METRICS_VOLUME_GIB = 20
"""Volume of the Prometheus that queue scaling reads."""
