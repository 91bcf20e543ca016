"""A stand-in for the virus scanner: speaks the INSTREAM protocol of clamd on a socket of its own."""

import socket
import struct
import threading
from contextlib import contextmanager

# EICAR, the harmless text that every scanner reports as a virus. It is split in two so that no scanner reports this
# file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LARGEST = 26 * 1024 * 1024


class Clamd:
    """A scanner that handles each connection once; `seen` lists the contents it received.

    `mood` is the fault to show: "silent", "closed", "garbage" or "busy"; empty for a scanner that works.
    """

    def __init__(self, listener):
        self.listener, self.seen, self.mood = listener, [], ""
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        """Accepts connections until the listener is closed."""
        while True:
            try:
                line, _address = self.listener.accept()
            except OSError:
                return
            with line:
                line.settimeout(10)
                self.answer(line)

    def answer(self, line):
        """Handles one connection as `mood` says."""
        if self.mood == "closed":
            return
        command, rest = b"", b""
        while not command.endswith(b"\0"):
            command += line.recv(1)
        if command != b"zINSTREAM\0":
            line.sendall(b"UNKNOWN COMMAND\0")
            return
        content = self.content(line)
        if content is None:
            line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
            return
        self.seen.append(content)
        if self.mood == "silent":
            self.ended.wait(10)
            return
        rest = {"garbage": b"\xff" * 5000, "busy": b"stream: Time limit reached ERROR\0"}.get(self.mood)
        line.sendall(rest or (b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"))

    def content(self, line):
        """Returns the joined chunks of one upload, or None when they exceed LARGEST bytes."""
        content = bytearray()
        while length := struct.unpack(">I", exactly(line, 4))[0]:
            if len(content) + length > LARGEST:
                return None
            content += exactly(line, length)
        return bytes(content)


def exactly(line, count):
    """Returns exactly `count` bytes from the socket. Raises ConnectionError when it closes earlier."""
    found = b""
    while len(found) < count:
        part = line.recv(count - len(found))
        if not part:
            raise ConnectionError
        found += part
    return found


@contextmanager
def running(folder=None):
    """Yields (Clamd, its address): a port on the loopback interface, or a Unix socket in `folder`."""
    listener = socket.socket(socket.AF_UNIX if folder else socket.AF_INET)
    listener.bind(str(folder / "clamd.ctl") if folder else ("127.0.0.1", 0))
    listener.listen()
    scanner = Clamd(listener)
    try:
        yield scanner, str(folder / "clamd.ctl") if folder else f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        scanner.ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        scanner.thread.join()
