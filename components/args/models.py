"""Models: embeddings, language models, and the providers or machines that serve them."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, SecretStr, model_validator

from components.args.base import Args


class EmbeddingArgs(Args):
    """Embeddings of archival memory (requirement C5)."""

    CHOICE: ClassVar[str | None] = "hosting"

    hosting: Literal["api", "cpu", "gpu"] = "api"
    """`api`: an external provider. `cpu`, `gpu`: a server of the stack's own, on Kubernetes."""
    model: str | None = Field(default=None, pattern=r"^\S+$")
    """With `api` the handle `provider/model` that an agent uses when it names none; otherwise a
    name of `components/models/embeddings.py`. Default: by the hosting."""
    instance_type: str | None = None
    """The cloud's own name of the machine that serves embeddings. Default: by the cloud's size
    table for the hosting."""
    replicas: int = Field(default=1, ge=1, le=20)
    """Copies of the embedding server, each on a machine of its own."""
    batch_limit: int = Field(default=2048, ge=1, le=8192)
    """Most inputs of one request; the server of 0.16.4 sends up to 2048 at once."""


class ProviderArgs(Args):
    """One LLM provider. Which fields it takes and needs: `components/letta/providers.py`."""

    api_key: SecretStr | None = None
    """The key, as a Pulumi secret (`pulumi config set --secret --path …`)."""
    api_key_secret: str | None = None
    """The key in a secret that exists already, by the cloud's own name of it (AWS: its ARN); then
    it never passes through this stack."""
    access_key_id: SecretStr | None = None
    """Bedrock only: static key id."""
    secret_access_key: SecretStr | None = None
    """Bedrock only: static key."""
    base_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    """Endpoint. Written once into the database by the server: give it a stable DNS name."""
    api_version: str | None = None
    """Azure only."""
    region: str | None = None
    """Bedrock only."""
    project: str | None = None
    """Vertex only: Google Cloud project."""
    location: str | None = None
    """Vertex only: Google Cloud location."""


class VllmArgs(Args):
    """A language model served by vLLM on GPU nodes (requirement L3)."""

    model: str = "llama-3.3-70b-fp8"
    """Name in `components/models/llms.py`. Default: the model of requirement L3 in the weights
    that need no access token."""
    context_tokens: int = Field(default=32_768, ge=1024, le=1_048_576)
    """Longest context of one request, tokens; the server of 0.16.4 sends at most 32 000."""
    concurrency: int = Field(default=8, ge=1, le=1024)
    """Requests of full context that one copy must hold in memory at once."""
    instance_type: str | None = None
    """The cloud's own name of the GPU machine. Default: the first of the cloud's GPU table
    that holds the model at this context and concurrency."""
    min_replicas: int = Field(default=1, ge=0, le=100)
    """Fewest copies. 0 gives the machines back when nobody asks; the first requests then fail
    until a machine has started and loaded the model, many minutes later."""
    max_replicas: int = Field(default=2, ge=1, le=100)
    """Most copies."""
    waiting_per_replica: int = Field(default=5, ge=1, le=1000)
    """Waiting requests per copy that the autoscaler holds."""
    model_cache: Literal["local", "volume"] = "local"
    """Where weights are kept: `local`, the machine's own NVMe, loaded again on every new
    machine; `volume`, a volume of the cloud's that outlives it."""
    hugging_face_token: SecretStr | None = None
    """Access token for gated models, as a Pulumi secret."""
    hugging_face_token_secret: str | None = None
    """The token in a secret that exists already, by the cloud's own name of it; then it never
    passes through this stack."""

    @model_validator(mode="after")
    def _related(self) -> VllmArgs:
        if self.min_replicas > self.max_replicas:
            raise ValueError(
                f"min_replicas {self.min_replicas} exceeds max_replicas {self.max_replicas}"
            )
        if self.hugging_face_token and self.hugging_face_token_secret:
            raise ValueError(
                "hugging_face_token and hugging_face_token_secret are both given; give one"
            )
        return self


class OllamaArgs(Args):
    """A small language model served by Ollama on one GPU machine (requirement L4)."""

    model: str = "llama-3.1-8b"
    """Name in `components/models/llms.py` of a model that has an Ollama tag."""
    instance_type: str | None = None
    """The cloud's own name of the GPU machine. Default: by the cloud's size table."""
    volume_gib: int = Field(default=100, ge=20, le=16_384)
    """Volume that keeps the models, GiB."""
    context_tokens: int = Field(default=32_768, ge=1024, le=1_048_576)
    """Longest context of one request, tokens."""
    concurrency: int = Field(default=2, ge=1, le=1024)
    """Requests of full context that are served at once."""


class LlmArgs(Args):
    """Language models and where they come from (requirements L1, L3, L4)."""

    CHOICE: ClassVar[str | None] = "hosting"

    hosting: Literal["api", "vllm", "ollama"] = "api"
    """Who serves the default model: an external provider, or a server of the stack's own, on
    Kubernetes."""
    model: str | None = Field(default=None, pattern=r"^[^/\s]+/\S+$")
    """Handle `provider/model` that an agent uses when it names none. Default: the tier's, or
    with a server of one's own the model that it serves."""
    providers: dict[str, ProviderArgs] = Field(default_factory=dict)
    """Provider name -> its key or endpoint."""
    vllm: VllmArgs = Field(default_factory=VllmArgs)
    """What vLLM serves, with `hosting: vllm`."""
    ollama: OllamaArgs = Field(default_factory=OllamaArgs)
    """What Ollama serves, with `hosting: ollama`."""
