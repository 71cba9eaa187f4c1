"""The dump on a cluster, whichever cloud it stands in."""

from __future__ import annotations

from functools import cache
from typing import Any

import pulumi

from components.args import DumpArgs
from components.roles import DumpJobArgs
from components.workloads import network_policies
from components.workloads.cluster import BASE_PLACEMENT
from components.workloads.dump import DumpJob, Upload
from tests.components.aws.mock_cloud import Run, run
from tests.components.workloads import strict
from tests.components.workloads.standin import STORES, cluster, stored

NAME = "letta-test-dump"


@cache
def _run() -> Run[pulumi.Resource]:
    def program() -> pulumi.Resource:
        args = DumpJobArgs(
            schedule=DumpArgs(every_hours=12),
            engine_version="16",
            references={"LETTA_PG_URI": stored("LETTA_PG_URI")},
            bucket=pulumi.Output.from_input("data"),
        )
        upload = Upload(
            image="client:1",
            command=("sh", "-c", "true"),
            environment={"BUCKET": args.bucket},
            egress=[
                network_policies.allow_to(network_policies.internet(cluster()), 443),
                network_policies.identity_agent("eks"),
            ],
        )
        opts = pulumi.ResourceOptions()
        return DumpJob(NAME, args, upload, cluster(), BASE_PLACEMENT, opts)

    return run(program)


def _spec() -> dict[str, Any]:
    spec: dict[str, Any] = _run().one(":CronJob").inputs["spec"]
    return spec


def _pod() -> dict[str, Any]:
    pod: dict[str, Any] = _spec()["jobTemplate"]["spec"]["template"]["spec"]
    return pod


def test_every_object_holds_against_the_schemas_of_the_oldest_version() -> None:
    assert {"CronJob", "ExternalSecret"} <= {
        each.inputs["kind"] for each in strict.objects(_run().resources)
    }


def test_runs_never_meet_and_end_before_the_next_begins() -> None:
    spec = _spec()
    assert (spec["schedule"], spec["timeZone"]) == ("17 3,15 * * *", "Etc/UTC")
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 6 * 3600


def test_the_dump_is_made_before_it_is_uploaded_and_only_its_maker_knows_the_database() -> None:
    [dump], [upload] = _pod()["initContainers"], _pod()["containers"]
    assert dump["image"].startswith("postgres:16.")
    assert "LETTA_PG_URI" in {each["name"] for each in dump["env"]}
    assert [each["name"] for each in upload["env"]] == ["BUCKET"]
    assert dump["volumeMounts"] == upload["volumeMounts"]


def test_it_may_call_the_database_the_bucket_and_its_identity_and_nothing_else() -> None:
    egress = _run().one(":NetworkPolicy", NAME).inputs["spec"]["egress"]
    called = [
        (rule["to"][0]["ipBlock"]["cidr"], [port["port"] for port in rule["ports"]])
        for rule in egress
    ]
    assert called == [(STORES[0], [5432]), ("0.0.0.0/0", [443]), ("169.254.170.23/32", [80])]
