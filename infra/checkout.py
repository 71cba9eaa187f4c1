"""Names of stacks and where their files are. Standard library only.

The tiers of the first cloud have their files in the project's root, as do stacks of the user's
own: `Pulumi.medium.yaml` is stack `medium`. Those of another cloud have them in a folder:
`stacks/gcp/Pulumi.medium.yaml` is stack `medium-gcp`.
"""

from __future__ import annotations

from pathlib import Path

from infra import platforms

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "stacks"
_GLOB = "Pulumi.?*.yaml"


def name_on(stack: str, cloud: str) -> str:
    """The stack's name on a cloud: `medium` on GCP is `medium-gcp`."""
    if cloud == platforms.DEFAULT or stack.endswith(f"-{cloud}"):
        return stack
    return f"{stack}-{cloud}"


def file(stack: str) -> Path:
    """The committed file of a stack, whether or not it is there."""
    found = places(stack)
    return next((path for path in found if path.is_file()), found[0])


def places(stack: str) -> list[Path]:
    """Where the file of a stack may be, the first that is there holds."""
    others = [
        FOLDER / cloud / f"Pulumi.{stack.removesuffix(f'-{cloud}')}.yaml"
        for cloud in platforms.CLOUDS
        if stack.endswith(f"-{cloud}")
    ]
    return [ROOT / f"Pulumi.{stack}.yaml", *others]


def names() -> list[str]:
    """The stacks that have a file: those in the root, then those of other clouds."""
    own = [_named(path) for path in ROOT.glob(_GLOB)]
    others = [
        name_on(_named(path), cloud)
        for cloud in platforms.CLOUDS
        for path in (FOLDER / cloud).glob(_GLOB)
    ]
    return [*sorted(own), *sorted(others)]


def of_file(path: Path) -> str:
    """The stack that a file is of, by its name and its folder."""
    folder = path.resolve().parent
    cloud = folder.name if folder.parent == FOLDER else platforms.DEFAULT
    return name_on(_named(path), cloud)


def cloud_of(stack: str) -> str:
    """The cloud in whose folder a stack's file is; the first for files in the root."""
    folder = file(stack).parent
    return folder.name if folder.parent == FOLDER else platforms.DEFAULT


def _named(path: Path) -> str:
    return path.name.removesuffix(path.suffix).removeprefix("Pulumi.")
