"""Google's clients, for which small programs stand, in the scripts that stacks give them."""

from __future__ import annotations

import pytest

from components.gcp import dump_upload
from components.letta import dump
from sandbox.live.containers import Containers
from sandbox.live.spec import LiveError, Process
from tests.live.clouds.uploads import BUCKET, NAME, made, process, run


def google_upload(*, bucket: str = BUCKET, copy: str = dump_upload.COPY) -> Process:
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
    uploading: Containers,
) -> None:
    run(uploading, google_upload(), made(dump_upload.IMAGE))
    folder = uploading.buckets / BUCKET / dump.FOLDER
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
    uploading: Containers, upload: Process, words: str
) -> None:
    with pytest.raises(LiveError, match=words):
        run(uploading, upload, made(dump_upload.IMAGE))
    assert not list((uploading.buckets / BUCKET).rglob("*.dump"))
