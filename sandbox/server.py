"""The process: a gRPC server on the loopback address."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from concurrent import futures
from datetime import datetime
from pathlib import Path
from types import FrameType

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.control_plane import PATIENCE_SECONDS, ControlPlane, utc_now
from sandbox.latency import Latency
from sandbox.package import Package
from sandbox.packages import NAMES, newest_sdk_version, package
from sandbox.provider import Provider
from sandbox.store import Store

# Simulated latencies sleep in a worker each; the engine asks for everything it can in parallel.
_WORKERS = 256
_GRACE_SECONDS = 2.0
# The engine's own limit for messages (sdk/go/common/util/rpcutil, GrpcChannelOptions).
_MAX_MESSAGE_BYTES = 1024 * 1024 * 400


class Server:
    """A running sandbox; `port` is where it listens."""

    def __init__(
        self,
        state: Path,
        *,
        port: int = 0,
        latency_scale: float = 0.0,
        packages: Callable[[str], Package] = package,
        now: Callable[[], datetime] = utc_now,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._store = Store(state)
        self._server = grpc.server(
            futures.ThreadPoolExecutor(max_workers=_WORKERS),
            options=[
                ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
                ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
                # Two sandboxes on one port would answer in turns.
                ("grpc.so_reuseport", 0),
            ],
        )
        control_plane = ControlPlane(self._store, Latency(latency_scale), now, patience_seconds)
        self._provider = Provider(control_plane, packages, newest_sdk_version())
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(self._provider, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        self._server.start()

    def stop(self) -> None:
        """End, letting what is under way finish for a moment."""
        self._provider.stop()
        self._server.stop(_GRACE_SECONDS).wait()
        self._store.close()


def serve(state: Path, *, port: int, ready_fd: int | None, latency_scale: float) -> None:
    """Serve until told to end; say where on `ready_fd`, or on standard output."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    server = Server(state, port=port, latency_scale=latency_scale)
    ready = json.dumps({"port": server.port, "pid": os.getpid(), "packages": NAMES})
    if ready_fd is None:
        print(ready, flush=True)
    else:
        with os.fdopen(ready_fd, "w") as stream:
            stream.write(ready + "\n")
    ended.wait()
    server.stop()
