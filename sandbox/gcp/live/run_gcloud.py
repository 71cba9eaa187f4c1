"""Does what the Google Cloud CLI does for stacks: `TOKEN auth print-access-token`."""

from __future__ import annotations

import sys

_COMMAND = ["auth", "print-access-token"]


def main(words: list[str]) -> int:
    """Run the command; its exit status."""
    token, *command = words
    if command != _COMMAND:
        sys.stderr.write(f"gcloud: only {' '.join(_COMMAND)} is known here\n")
        return 2
    sys.stdout.write(f"{token}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
