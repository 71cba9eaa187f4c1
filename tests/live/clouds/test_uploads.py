"""The AWS CLI, for which a small program stands, in the scripts that a cluster of one's own has."""

from __future__ import annotations

from components import s3
from sandbox.live.containers import Containers
from tests.live.clouds.uploads import BUCKET, NAME, made, process, run


def test_dumps_older_than_they_are_kept_leave_a_bucket_that_is_the_owner_s(
    uploading: Containers,
) -> None:
    folder = uploading.buckets / BUCKET / "letta" / "database"
    folder.mkdir(parents=True)
    for name in ("20200101T030000Z.dump", "20200101T030000Z.json", "notes.txt"):
        (folder / name).write_text("old", encoding="utf-8")
    url = "s3://data/letta/database/"
    [*_, script] = s3.upload_command(url, s3.deletion(url))
    ready = made(s3.IMAGE).command[-1]
    run(uploading, process("upload", s3.IMAGE, f"{ready}\n{script}", DUMP_KEPT_DAYS="30"))
    left = sorted(each.name for each in folder.iterdir())
    assert left == [f"{NAME}.dump", f"{NAME}.json", "notes.txt"]
