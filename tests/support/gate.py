"""A gate before a server: what goes through it can be cut off and let through again, as a network does."""

import socket
import struct
import threading
from contextlib import suppress

_RESET = struct.pack("ii", 1, 0)


class Gate:
    """Passes connections on to the port `to` of this machine. While it is shut, it resets all and takes no new ones."""

    def __init__(self) -> None:
        self.to = 0
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._open = list[socket.socket]()
        self._start()

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        return listener

    def _start(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # the listener is shut
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass, args=(one, other), daemon=True).start()

    def shut(self) -> None:
        """Reset all connections and refuse others."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            with suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def open(self) -> None:
        """Take connections again, at the same port."""
        self._listener = self._listen(self.port)
        self._start()


def _pass(one: socket.socket, other: socket.socket) -> None:
    """Pass on what comes until either side ends."""
    with suppress(OSError):
        while received := one.recv(65_536):
            other.sendall(received)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)
