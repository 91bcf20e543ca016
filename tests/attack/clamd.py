"""A virus scanner to talk to: a peer that speaks clamd's INSTREAM as the real one does, on a socket of its own."""

import socket
import struct
import threading
from contextlib import contextmanager

# The harmless text that every scanner calls a virus, in two parts, so that none of them finds it in our sources.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LARGEST = 26 * 1024 * 1024


class Clamd:
    """Answers each connection once; `seen` holds what it was shown.

    `mood` is what it does instead of answering: "silent", "closed", "garbage", "busy"; empty for a good one.
    """

    def __init__(self, listener):
        self.listener, self.seen, self.mood = listener, [], ""
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                line, _address = self.listener.accept()
            except OSError:
                return
            with line:
                line.settimeout(10)
                self.answer(line)

    def answer(self, line):
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
        """The pieces put together, or None when there are more bytes than it takes."""
        content = bytearray()
        while length := struct.unpack(">I", exactly(line, 4))[0]:
            if len(content) + length > LARGEST:
                return None
            content += exactly(line, length)
        return bytes(content)


def exactly(line, count):
    found = b""
    while len(found) < count:
        part = line.recv(count - len(found))
        if not part:
            raise ConnectionError
        found += part
    return found


@contextmanager
def running(folder=None):
    """(Clamd, its address): on a port of loopback, or in `folder` on a socket of the file system."""
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
