"""Dump: the CronJob, and its way into the bucket.

Its pods have a token of their own service account, for which RAM hands out rights for an hour: to
put objects into the folder of dumps, and nothing else.
"""

from __future__ import annotations

import json

import pulumi

from components.alicloud.alarm_tables import dump_missing
from components.alicloud.place import Place
from components.alicloud.ram import VERSION, Statement, role
from components.alicloud.site import Site
from components.letta import dump as job
from components.roles import DumpJobArgs
from components.workloads import network_policies
from components.workloads.cluster import BASE_PLACEMENT, NAMESPACE
from components.workloads.dump import DumpJob, Token, Upload

IMAGE = "rclone/rclone:1.71.2"
"""A client of object storage that knows OSS by name."""
AUDIENCE = "sts.aliyuncs.com"
"""Whom the token is for (ACK user guide, "Use RRSA to authorize different pods")."""
TOKEN = Token(audience=AUDIENCE, path="/var/run/secrets/ack.alibabacloud.com/rrsa-tokens")
SESSION = "letta-dump"
_BUCKET = "DUMP_BUCKET"
_ROLE, _PROVIDER, _ENDPOINT = "DUMP_ROLE", "DUMP_IDENTITY_PROVIDER", "DUMP_STS"
_HTTPS_PORT = 443
_ANSWER = f"{job.SCRATCH}/rights"
_QUESTION = f"{job.SCRATCH}/question"
_FIELDS = {
    "RCLONE_CONFIG_OSS_ACCESS_KEY_ID": "AccessKeyId",
    "RCLONE_CONFIG_OSS_SECRET_ACCESS_KEY": "AccessKeySecret",
    "RCLONE_CONFIG_OSS_SESSION_TOKEN": "SecurityToken",
}
"""Variable of the client -> where its value is in the answer."""
_RIGHTS = "; ".join(
    (
        # The token is in no command line. The call needs no signature: the token is the proof.
        "umask 077",
        "{ printf 'Action=AssumeRoleWithOIDC&Version=2015-04-01&Format=JSON'",
        f"printf '&RoleSessionName={SESSION}&Timestamp=%s' \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"",
        "printf '&SignatureNonce=%s' \"$(cat /proc/sys/kernel/random/uuid)\"",
        f'printf \'&RoleArn=%s&OIDCProviderArn=%s\' "${_ROLE}" "${_PROVIDER}"',
        f"printf '&OIDCToken='; cat {TOKEN.file}; }} > {_QUESTION}",
        f'wget -q -O {_ANSWER} --post-file {_QUESTION} "https://${_ENDPOINT}/"',
        *(
            f'export {variable}="$(sed -n \'s/.*"{field}" *: *"\\([^"]*\\)".*/\\1/p\' {_ANSWER})"'
            for variable, field in _FIELDS.items()
        ),
        f"rm {_QUESTION} {_ANSWER}",
    )
)
"""Shell that asks for rights, before each file: they last an hour, and a large one takes long."""
_COPY = (
    f'{_RIGHTS}; rclone copyto --s3-no-check-bucket "$file" '
    f'"OSS:${_BUCKET}/{job.FOLDER}/${{file##*/}}"'
)


class Dump(DumpJob):
    """The dump, on the machines that are there before any server."""

    def __init__(
        self, name: str, args: DumpJobArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        place, workloads = site.place, site.cluster.workloads
        upload = Upload(
            image=IMAGE,
            command=job.upload_command(_COPY),
            environment={
                _BUCKET: args.bucket,
                _ROLE: place.role(place.unique(name)),
                _PROVIDER: site.cluster.oidc.apply(lambda found: found[0]),
                _ENDPOINT: f"sts-vpc.{place.region}.aliyuncs.com",
                "RCLONE_CONFIG_OSS_TYPE": "s3",
                "RCLONE_CONFIG_OSS_PROVIDER": "Alibaba",
                "RCLONE_CONFIG_OSS_ENDPOINT": f"oss-{place.region}-internal.aliyuncs.com",
                "HOME": job.SCRATCH,
            },
            egress=[network_policies.allow_to(network_policies.internet(workloads), _HTTPS_PORT)],
            token=TOKEN,
        )
        super().__init__(name, args, upload, workloads, BASE_PLACEMENT, opts)
        role(
            self,
            name,
            place,
            site.cluster.oidc.apply(lambda found: _trust(name, *found)),
            _may_upload(place, args.bucket, site.key.id),
        )
        site.logs.watch(self, name, dump_missing(args.schedule))


def _trust(account: str, provider: str, issuer: str) -> str:
    """The document by which RAM hands a role to the pods of one service account of the cluster."""
    statement = {
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {
                "oidc:aud": AUDIENCE,
                "oidc:iss": issuer,
                "oidc:sub": f"system:serviceaccount:{NAMESPACE}:{account}",
            }
        },
        "Effect": "Allow",
        "Principal": {"Federated": [provider]},
    }
    return json.dumps({"Statement": [statement], "Version": VERSION})


def _may_upload(
    place: Place, bucket: pulumi.Output[str], key: pulumi.Output[str]
) -> tuple[Statement, ...]:
    return (
        Statement(
            actions=("oss:PutObject", "oss:AbortMultipartUpload", "oss:ListParts"),
            resources=(bucket.apply(lambda named: place.arn("oss", f"{named}/{job.FOLDER}/*")),),
        ),
        Statement(
            actions=("kms:GenerateDataKey", "kms:Decrypt"),
            resources=(key.apply(lambda found: place.arn("kms", f"key/{found}", place.region)),),
        ),
    )
