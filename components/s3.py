"""The client of object storage that speaks S3, a cloud's or not."""

from __future__ import annotations

from collections.abc import Sequence

from components.letta import dump as job

IMAGE = "amazon/aws-cli:2.37.5"


def upload_command(folder: str, after: Sequence[str] = ()) -> tuple[str, ...]:
    """What the container executes that uploads dumps into `folder`, `s3://…/`. `after`: lines of
    shell for when they are there."""
    copy = f'aws s3 cp --only-show-errors "$file" "{folder}${{file##*/}}"'
    return job.upload_command(copy, after)


def deletion(folder: str) -> tuple[str, ...]:
    """Lines of shell that delete the dumps of `folder` that are older than `KEPT_DAYS` says, for a
    bucket whose ageing is not the stack's to set. Names of dumps are times."""
    day = "[0-9]" * 8
    return (
        f'oldest=$(date -u -d "-${job.KEPT_DAYS} days" +%Y%m%d)',
        # In a pipe, a list that failed would be an empty one.
        f'listed=$(aws s3 ls "{folder}")',
        "for name in $listed; do",
        f"  case $name in {day}T*Z.dump | {day}T*Z.json)",
        '    if [ "${name%%T*}" -lt "$oldest" ]; then',
        f'      aws s3 rm --only-show-errors "{folder}$name"',
        "    fi ;;",
        "  esac",
        "done",
    )
