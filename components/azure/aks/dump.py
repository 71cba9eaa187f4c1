"""Dump on AKS: the CronJob, on the nodes that are there before any server, and its way into the
bucket."""

from __future__ import annotations

import pulumi

from components.azure.aks.alarm_tables import lines_of
from components.azure.aks.pod_identity import AUDIENCE, PodIdentity
from components.azure.alarm_tables import dump_missing
from components.azure.alarms import search
from components.azure.dump import BUCKET, IMAGE, UPLOAD, may_add
from components.azure.fixed import HTTPS_PORT
from components.azure.site import Site
from components.letta import dump as job
from components.roles import DumpJobArgs
from components.workloads import kept, secrets
from components.workloads import network_policies as policies
from components.workloads.cluster import BASE_PLACEMENT, NAMESPACE, required
from components.workloads.dump import DumpJob, Token, Upload

TOKEN = Token(audience=AUDIENCE, path="/var/run/azure")
_CLIENT, _TENANT = "AZURE_CLIENT_ID", "AZURE_TENANT_ID"
LOGIN = (
    f'az login --service-principal --username "${_CLIENT}" --tenant "${_TENANT}" '
    f"--federated-token @{TOKEN.file} --output none"
)
"""Line of shell before an upload. The client itself reads the token from its file, so that it is in
no command line."""


class KubernetesDump(DumpJob):
    """The dump, in the site's cluster. Its second container alone has the token."""

    def __init__(
        self, name: str, args: DumpJobArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        cluster = required(name, site.kubernetes)
        workloads = cluster.workloads
        rights = PodIdentity(
            # Not the name that it has on Container Apps: a stack may pass from there to here.
            f"{name}-pod",
            issuer=cluster.issuer,
            namespace=NAMESPACE,
            account=name,
            place=site.place,
            opts=opts,
        )
        may_add(rights.identity, site.place, args.bucket)
        told = kept.tell(
            rights,
            f"{name}-pod",
            {_CLIENT: rights.identity.client_id},
            pulumi.ResourceOptions(provider=workloads.provider, depends_on=list(workloads.ready)),
        )
        shell, flag, script = job.upload_command(UPLOAD)
        upload = Upload(
            image=IMAGE,
            command=(shell, flag, f"{LOGIN}\n{script}"),
            environment={
                BUCKET: args.bucket,
                _TENANT: site.place.tenant,
                "HOME": job.SCRATCH,
                "TMPDIR": job.SCRATCH,
            },
            egress=[
                *policies.to_stores(workloads, HTTPS_PORT),
                policies.allow_to(policies.internet(workloads), HTTPS_PORT),
            ],
            secrets=[secrets.kept(_CLIENT, kept.told(told, _CLIENT))],
            token=TOKEN,
            ready=(*rights.ready, *rights.identity.ready),
        )
        super().__init__(name, args, upload, workloads, BASE_PLACEMENT, opts)
        search(
            self,
            f"{name}-pod",
            dump_missing(lines_of(name), args.schedule),
            site.logs.workspace,
            site.place,
            site.alerts.group,
        )
