"""An `up` that is killed half-way: the next one finishes, and destroy leaves nothing."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from tests.engine.engine import LETTA_CLOUD, ROOT, Shell


def killed_half_way(shell: Shell) -> None:
    """Start `up` and kill the engine, with all it started, while it creates."""
    process = subprocess.Popen(
        [LETTA_CLOUD, "up", "--stack", shell.stack],
        cwd=ROOT,
        env=shell.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if "security" in line.lower() and "created" in line:
                break
        process.send_signal(signal.SIGKILL)


def test_up_and_destroy_recover(tmp_path: Path) -> None:
    shell = Shell.open("small", tmp_path / "state")
    try:
        killed_half_way(shell)
        assert shell.objects() > 0
        up = shell.letta_cloud("up", "--stack", "small")
        assert up, up.output
        again = shell.pulumi("preview", "--expect-no-changes")
        assert again, again.output
        assert "pending operations" not in again.output
        destroyed = shell.letta_cloud("destroy", "--stack", "small")
        assert destroyed, destroyed.output
        assert shell.objects() == 0
    finally:
        shell.close()
