"""The Azure CLI, for which a small program stands, in the scripts that stacks give it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.azure.bucket import CONTAINER
from components.azure.dump import IMAGE
from components.letta import dump
from sandbox.live.containers import Containers
from sandbox.live.spec import LiveError, Process
from sandbox.live.stack import Stack
from tests.live.clouds.uploads import BUCKET, NAME, made, run
from tests.live.held import held


def _azure_upload(tier: str, **changes: str) -> Process:
    """What a job of Container Apps or a CronJob on AKS uploads with, as the stack gives it."""
    [schedule] = Stack.read(held("azure", tier).everything).schedules
    upload = schedule.processes[-1]
    return replace(upload, environment={**upload.environment, "DUMP_BUCKET": BUCKET, **changes})


@pytest.mark.parametrize("tier", ["small", "large"])
def test_the_azure_cli_logs_in_and_fills_the_account(uploading: Containers, tier: str) -> None:
    run(uploading, made(IMAGE), _azure_upload(tier))
    folder = uploading.buckets / BUCKET / CONTAINER / dump.FOLDER
    assert sorted(each.name for each in folder.iterdir()) == [f"{NAME}.dump", f"{NAME}.json"]
    assert (folder / f"{NAME}.dump").read_text(encoding="utf-8") == "kept\n"


def _without_login(upload: Process) -> Process:
    *words, script = upload.command
    _, _, rest = script.partition("\n")
    return replace(upload, command=(*words, rest))


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (_azure_upload("small", DUMP_BUCKET="other"), "the stack has no bucket other"),
        (_azure_upload("small", DUMP_IDENTITY=""), "no --resource-id is given"),
        (_without_login(_azure_upload("small")), "run 'az login'"),
        (_azure_upload("large", AZURE_TENANT_ID=""), "needs --username and --tenant"),
        (replace(_azure_upload("large"), files={}), "there is no token in @"),
    ],
)
def test_a_call_that_azure_would_refuse_fails_the_run(
    uploading: Containers, upload: Process, words: str
) -> None:
    with pytest.raises(LiveError, match=words):
        run(uploading, made(IMAGE), upload)
    assert not list((uploading.buckets / BUCKET).rglob("*.dump"))
