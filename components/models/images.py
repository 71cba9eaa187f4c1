"""Images that serve models, pinned.

The engine's own version decides flags, metrics and writable paths; each constant says where the
tag is published.
"""

from __future__ import annotations

from typing import Final

VLLM_VERSION: Final = "0.29.0"
VLLM_IMAGE: Final = f"vllm/vllm-openai:v{VLLM_VERSION}"
"""Release of 2026-09-09. CUDA 13: the node needs NVIDIA driver 580 or later."""

ROUTER_VERSION: Final = "3.2.23"
ROUTER_IMAGE: Final = f"haproxy:{ROUTER_VERSION}-alpine"
"""HAProxy of its long-term branch 3.2, in the official images since 2026-08-27."""

OLLAMA_VERSION: Final = "0.34.2"
OLLAMA_IMAGE: Final = f"ollama/ollama:{OLLAMA_VERSION}"
"""Release of 2026-09-15; tags have no leading `v`."""

TEI_VERSION: Final = "1.9.3"
TEI_REPOSITORY: Final = "ghcr.io/huggingface/text-embeddings-inference"
"""text-embeddings-inference, release v1.9.3; `embeddings.tei_image` adds the architecture."""
