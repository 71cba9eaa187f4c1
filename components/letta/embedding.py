from __future__ import annotations
def embedding_config(model: str, endpoint: str) -> dict[str, object]:
    raise NotImplementedError
