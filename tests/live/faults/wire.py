"""A network between a load balancer and a server on which a hang-up arrives too late."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from queue import SimpleQueue
from typing import Literal, Self

from sandbox.live.nginx_configuration import Address

PIECE = 65536


class Wire:
    """Passes everything on, but a server's hang-up only when the balancer has sent more.

    So it goes on any network now and then, when the two cross; here it goes so each time. A context
    manager.
    """

    def __init__(self, server: Address) -> None:
        self.hung_up: SimpleQueue[Literal["balancer", "server"]] = SimpleQueue()
        """Who was the first to end a connection, one entry for each."""
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def address(self) -> Address:
        """Where the balancer finds the server."""
        host, port = self._listener.getsockname()
        return host, port

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                balancer, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._carry, args=(balancer,))
            self._threads.append(thread)
            thread.start()

    def _carry(self, balancer: socket.socket) -> None:
        with balancer, socket.create_connection(self._server) as server:
            peers = {balancer: server, server: balancer}
            with selectors.DefaultSelector() as ready:
                for side in peers:
                    ready.register(side, selectors.EVENT_READ)
                while True:
                    for key, _ in ready.select():
                        end = key.fileobj
                        assert isinstance(end, socket.socket)
                        data = _received(end)
                        if data:
                            peers[end].sendall(data)
                            continue
                        self.hung_up.put("server" if end is server else "balancer")
                        if end is server:
                            # The balancer does not know yet: its next request is lost.
                            _received(balancer)
                        return


def _received(end: socket.socket) -> bytes:
    with contextlib.suppress(ConnectionError):
        return end.recv(PIECE)
    return b""
