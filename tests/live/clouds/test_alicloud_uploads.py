"""rclone, for which a small program stands, with the environment that stacks give it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.alicloud.dump import IMAGE
from components.letta import dump
from sandbox.live.containers import Containers
from sandbox.live.spec import LiveError, Process
from sandbox.live.stack import Stack
from tests.live.clouds.uploads import BUCKET, NAME, made, run
from tests.live.held import held


def upload(**changes: str) -> Process:
    """What a CronJob on ACK uploads with, as the stack gives it."""
    [schedule] = Stack.read(held("alicloud", "small").everything).schedules
    upload = schedule.processes[-1]
    environment = {**upload.environment, "DUMP_BUCKET": BUCKET, **changes}
    return replace(upload, environment=environment, after={"dump": "succeeded"})


def test_rclone_fills_the_bucket_with_the_key_of_the_stack(uploading: Containers) -> None:
    run(uploading, made(IMAGE), upload())
    folder = uploading.buckets / BUCKET / dump.FOLDER
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
    uploading: Containers, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(LiveError, match=words):
        run(uploading, made(IMAGE), upload(**changes))
    assert not list((uploading.buckets / BUCKET).rglob("*.dump"))
