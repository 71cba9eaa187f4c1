"""Embeddings of one's own: how an agent of Letta 0.16.4 is pointed at them.

The server takes no environment variable for it; each agent, folder and archive carries the
configuration from its creation on (`letta/schemas/embedding_config.py` at that tag).
"""

from __future__ import annotations

from components.models.embeddings import embedding

ENDPOINT_TYPE = "hugging-face"
"""Letta speaks OpenAI's protocol with it (`letta/llm_api/llm_client.py`), and lists it nowhere as
an OpenAI model."""
CHUNK_TOKENS = 300
"""Letta's own default length of a piece of a file."""
WORDPIECE_SHARE = 0.75
"""Letta counts tokens as OpenAI does; these models cut words into more pieces. A chunk of this
share of the model's limit is not cut off. An estimate."""


def embedding_config(model: str, endpoint: str) -> dict[str, object]:
    """What a request gives as `embedding_config` to create an agent, folder or archive.

    `model`: name in the catalogue. Raises `ValueError` if it is not there.
    """
    found = embedding(model)
    return {
        "embedding_endpoint_type": ENDPOINT_TYPE,
        "embedding_endpoint": endpoint,
        "embedding_model": found.repository,
        "embedding_dim": found.dimensions,
        "embedding_chunk_size": min(CHUNK_TOKENS, int(found.max_tokens * WORDPIECE_SHARE)),
    }
