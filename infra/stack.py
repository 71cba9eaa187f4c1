"""The one assembly: a deployment read top to bottom, the same on every cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.args import IMAGE, BucketArgs
from components.letta import environment, providers
from components.letta.dump import FOLDER
from components.letta.embedding import embedding_config
from components.naming import base_name
from components.roles import (
    DumpJobArgs,
    KubernetesArgs,
    Platform,
    Reference,
    ServerArgs,
    SiteArgs,
)
from components.workloads.cluster import BASE_POOL, tier_pool
from infra import cost
from infra.settings import Settings

BOOTSTRAP_READS = (
    environment.POSTGRES_URI,
    environment.ENCRYPTION_KEY,
    environment.REDIS_HOST,
)
"""What the bootstrap shares with the servers; data revisions need the encryption key."""


class Deployment(pulumi.ComponentResource):
    """Letta at the size that the settings ask for."""

    url: pulumi.Output[str]
    """Where users reach the API."""
    server_password: pulumi.Output[str]
    """The generated password that clients send as a bearer token; secret."""

    def __init__(
        self,
        stack: str,
        settings: Settings,
        platform: Platform[Any, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = base_name(stack)
        super().__init__(
            "letta:index:Deployment",
            name,
            {"tier": settings.tier, "cloud": settings.cloud, "region": settings.region},
            opts,
        )
        tags = {"letta:stack": stack, "letta:tier": settings.tier, "letta:managed-by": "pulumi"}
        provider = platform.provider(
            name, settings.region, tags, settings.options, pulumi.ResourceOptions(parent=self)
        )
        child = pulumi.ResourceOptions(parent=self, providers=[provider])

        bill = cost.bill(settings)
        site = platform.site(
            name,
            SiteArgs(
                ingress=settings.ingress,
                monitoring=settings.monitoring,
                provider_secrets={
                    variable: pulumi.Output.secret(value)
                    for variable, value in providers.secret_values(settings.llm).items()
                },
                existing_secrets=providers.existing_secrets(settings.llm),
                alert_usd=cost.cloud_ceiling_usd(bill) if bill else settings.budget_usd,
                region=settings.region,
                routes={"worker": environment.WORKER_PATHS} if settings.worker.enabled else {},
                options=settings.options,
                tags=tags,
                kubernetes=cluster(settings),
            ),
            child,
        )
        database = platform.database(f"{name}-db", settings.database, site, child)
        cache = platform.cache(f"{name}-cache", settings.cache, site, child)
        bucket = platform.bucket(f"{name}-data", storage(settings), site, child)
        references = {
            **_without(providers.HUGGING_FACE_TOKEN, site.references),
            **database.references,
            **cache.references,
        }

        bootstrap = platform.bootstrap(
            f"{name}-boot",
            ServerArgs(
                image=IMAGE,
                environment={},
                references={
                    **_only(BOOTSTRAP_READS, references),
                    **database.admin_references,
                },
            ),
            site,
            child,
        )
        models: Mapping[str, str] = {}
        first: list[pulumi.Resource] = [bootstrap.done]
        if settings.llm.hosting != "api":
            token = _only((providers.HUGGING_FACE_TOKEN,), site.references)
            model_server = platform.llm(f"{name}-llm", settings.llm, token, site, child)
            models = model_server.environment
            first.append(model_server.done)
        outputs: dict[str, Any] = {}
        if settings.embedding.hosting != "api":
            served = platform.embedding(f"{name}-embed", settings.embedding, site, child)
            outputs["embedding_config"] = embedding_config(
                str(settings.embedding.model), served.endpoint
            )

        ingress = platform.ingress(f"{name}-in", settings.ingress, site, child)
        prepared = pulumi.ResourceOptions(parent=self, providers=[provider], depends_on=first)

        def server(*, poll_batches: bool) -> ServerArgs:
            return ServerArgs(
                image=IMAGE,
                environment={
                    **environment.server_environment(
                        database=settings.database,
                        ingress=settings.ingress,
                        monitoring=settings.monitoring,
                        llm=settings.llm,
                        embedding=settings.embedding,
                        poll_batches=poll_batches,
                    ),
                    **cache.environment,
                    **models,
                },
                references=references,
                sidecars=cache.sidecars,
            )

        has_worker = settings.worker.enabled
        platform.api(
            f"{name}-api",
            settings.api,
            server(poll_batches=not has_worker),
            site,
            ingress,
            prepared,
        )
        if has_worker:
            platform.worker(
                f"{name}-work",
                settings.worker,
                server(poll_batches=True),
                site,
                ingress,
                prepared,
            )
        if settings.database.dump:
            platform.dump(
                f"{name}-dump",
                DumpJobArgs(
                    schedule=settings.database.dump,
                    engine_version=settings.database.engine_version,
                    references=database.references,
                    bucket=bucket.bucket,
                ),
                site,
                child,
            )
        if settings.queue.enabled:
            queue = platform.queue(f"{name}-jobs", settings.queue, site, child)
            outputs["queue_url"] = queue.url

        self.url = ingress.url
        self.server_password = site.server_password
        self.outputs = {
            "url": ingress.url,
            "address": ingress.address,
            "server_password": site.server_password,
            "database_address": database.address,
            "bucket": bucket.bucket,
            **({cost.OUTPUT: cost.record(bill)} if bill else {}),
            **outputs,
        }
        self.register_outputs(self.outputs)


def cluster(settings: Settings) -> KubernetesArgs | None:
    """The cluster that the settings ask for, with what it must be able to do."""
    if settings.ingress.control_plane is None:
        return None
    return KubernetesArgs(
        control_plane=settings.ingress.control_plane,
        pool=tier_pool(BASE_POOL, settings.api),
        features=settings.features,
    )


def storage(settings: Settings) -> BucketArgs:
    """The bucket that the settings ask for, with the folder that dumps expire in."""
    dump = settings.database.dump
    if dump is None:
        return settings.storage
    folders = {**settings.storage.expiring_folders, FOLDER: dump.retention_days}
    return settings.storage.model_copy(update={"expiring_folders": folders})


def _without(variable: str, references: Mapping[str, Reference]) -> dict[str, Reference]:
    return {name: found for name, found in references.items() if name != variable}


def _only(variables: tuple[str, ...], references: Mapping[str, Reference]) -> dict[str, Reference]:
    return {name: references[name] for name in variables if name in references}
