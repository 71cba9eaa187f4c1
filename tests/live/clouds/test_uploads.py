"""The clouds' own clients, for which small programs stand, in the scripts that stacks give them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from components import s3
from components.alicloud import dump as alibaba
from components.azure import dump as azure
from components.azure.bucket import CONTAINER
from components.gcp import dump_upload
from components.letta import dump
from sandbox.live import buckets, schedules
from sandbox.live.containers import Containers
from sandbox.live.spec import Addresses, LiveError, Process, Run
from sandbox.live.stack import Stack
from tests.live.held import held

NAME = "20261123T030000Z"


@pytest.fixture
def containers(tmp_path: Path) -> Containers:
    """Runs containers in a folder of the test's own, beside one bucket."""
    found = Containers(tmp_path / "bin", tmp_path / "home")
    buckets.make(found.buckets, ["data"])
    return found


def process(name: str, image: str, script: str, **environment: str) -> Process:
    """A container with a shell script and a folder that it shares."""
    return Process(
        name=name,
        image=image,
        command=("sh", "-c", script),
        environment=environment,
        working_directory="",
        folders={dump.SCRATCH: "scratch"},
        ports=(),
        health=None,
        stop_seconds=1,
    )


def run(containers: Containers, *processes: Process) -> None:
    """Run containers that wait for none of each other."""
    schedule = Run(name="dump", processes=processes, seconds=30, attempts=1)
    schedules.run(schedule, containers, Addresses("127.78.93"))


def made(image: str) -> Process:
    """A dump and its manifest, and word of their end."""
    files = " ".join(f"{dump.SCRATCH}/{NAME}.{kind}" for kind in ("dump", "json"))
    return process("dump", image, f"for f in {files}; do echo kept >$f; done; touch /scratch/ended")


def google_upload(*, bucket: str = "data", copy: str = dump_upload.COPY) -> Process:
    """What a job of Cloud Run uploads with, once the container beside it has ended."""
    [*_, script] = dump.upload_command(copy)
    waiting = "until [ -e /scratch/ended ]; do sleep 0.1; done"
    return process(
        "upload",
        dump_upload.IMAGE,
        f"{waiting}\n{script}",
        **{dump_upload.BUCKET: bucket},
    )


def test_containers_of_a_job_run_side_by_side_and_google_s_calls_fill_the_bucket(
    containers: Containers,
) -> None:
    run(containers, google_upload(), made(dump_upload.IMAGE))
    folder = containers.buckets / "data" / dump.FOLDER
    assert sorted(each.name for each in folder.iterdir()) == [f"{NAME}.dump", f"{NAME}.json"]
    assert (folder / f"{NAME}.dump").read_text(encoding="utf-8") == "kept\n"


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (google_upload(bucket="other"), "404 the stack has no bucket other"),
        (
            google_upload(copy=dump_upload.COPY.replace("print-access-token", "print-it")),
            "only auth print-access-token",
        ),
        (google_upload(copy=dump_upload.COPY.replace("Bearer", "Basic")), "error: 401"),
        (
            google_upload(copy=dump_upload.COPY.replace("storage.googleapis", "elsewhere")),
            "is no upload to Cloud Storage",
        ),
    ],
)
def test_a_call_that_google_would_refuse_fails_the_run(
    containers: Containers, upload: Process, words: str
) -> None:
    with pytest.raises(LiveError, match=words):
        run(containers, upload, made(dump_upload.IMAGE))
    assert not list((containers.buckets / "data").rglob("*.dump"))


def _alibaba_upload(**changes: str) -> Process:
    """What a CronJob on ACK uploads with, as the stack gives it."""
    [schedule] = Stack.read(held("alicloud", "small").everything).schedules
    upload = schedule.processes[-1]
    environment = {**upload.environment, "DUMP_BUCKET": "data", **changes}
    return replace(upload, environment=environment, after={"dump": "succeeded"})


def test_rclone_fills_the_bucket_with_the_key_of_the_stack(containers: Containers) -> None:
    run(containers, made(alibaba.IMAGE), _alibaba_upload())
    folder = containers.buckets / "data" / dump.FOLDER
    assert sorted(each.name for each in folder.iterdir()) == [f"{NAME}.dump", f"{NAME}.json"]
    assert (folder / f"{NAME}.dump").read_text(encoding="utf-8") == "kept\n"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DUMP_BUCKET": "other"}, "NoSuchBucket: the stack has no bucket other"),
        ({"DUMP_KEY": ":secret"}, "RCLONE_CONFIG_OSS_ACCESS_KEY_ID holds no key"),
        ({"DUMP_KEY": "id:"}, "RCLONE_CONFIG_OSS_SECRET_ACCESS_KEY holds no key"),
        ({"RCLONE_CONFIG_OSS_TYPE": "local"}, "RCLONE_CONFIG_OSS_TYPE is local, not s3"),
        ({"RCLONE_CONFIG_OSS_PROVIDER": "AWS"}, "PROVIDER is AWS, not Alibaba"),
        ({"RCLONE_CONFIG_OSS_ENDPOINT": "s3.amazonaws.com"}, "'s3.amazonaws.com' is no endpoint"),
    ],
)
def test_a_call_that_alibaba_would_refuse_fails_the_run(
    containers: Containers, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(LiveError, match=words):
        run(containers, made(alibaba.IMAGE), _alibaba_upload(**changes))
    assert not list((containers.buckets / "data").rglob("*.dump"))


def _azure_upload(tier: str, **changes: str) -> Process:
    """What a job of Container Apps or a CronJob on AKS uploads with, as the stack gives it."""
    [schedule] = Stack.read(held("azure", tier).everything).schedules
    upload = schedule.processes[-1]
    return replace(upload, environment={**upload.environment, "DUMP_BUCKET": "data", **changes})


@pytest.mark.parametrize("tier", ["small", "large"])
def test_the_azure_cli_logs_in_and_fills_the_account(containers: Containers, tier: str) -> None:
    run(containers, made(azure.IMAGE), _azure_upload(tier))
    folder = containers.buckets / "data" / CONTAINER / dump.FOLDER
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
    containers: Containers, upload: Process, words: str
) -> None:
    with pytest.raises(LiveError, match=words):
        run(containers, made(azure.IMAGE), upload)
    assert not list((containers.buckets / "data").rglob("*.dump"))


def test_dumps_older_than_they_are_kept_leave_a_bucket_that_is_the_owner_s(
    containers: Containers,
) -> None:
    folder = containers.buckets / "data" / "letta" / "database"
    folder.mkdir(parents=True)
    for name in ("20200101T030000Z.dump", "20200101T030000Z.json", "notes.txt"):
        (folder / name).write_text("old", encoding="utf-8")
    url = "s3://data/letta/database/"
    [*_, script] = s3.upload_command(url, s3.deletion(url))
    ready = made(s3.IMAGE).command[-1]
    run(containers, process("upload", s3.IMAGE, f"{ready}\n{script}", DUMP_KEPT_DAYS="30"))
    left = sorted(each.name for each in folder.iterdir())
    assert left == [f"{NAME}.dump", f"{NAME}.json", "notes.txt"]
