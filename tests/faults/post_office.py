"""A mail server on a free port that stores the e-mails it accepts and refuses others as a test requires."""

import socketserver
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes, policy


@dataclass(frozen=True)
class Letter:
    """An e-mail the server has accepted: recipient address, and text as EmailMessage."""

    to: str
    message: object

    @property
    def count(self):
        """The number of reminders stated in its subject."""
        return int("".join(sign for sign in self.message["Subject"] if sign.isdigit()))

    @property
    def text(self):
        return self.message.get_body(("plain",)).get_content()


class HangUp(Exception):
    """The server closes the connection."""


class Conversation(socketserver.StreamRequestHandler):
    """One SMTP connection; `server.treat(address, number)` returns how to treat the e-mail."""

    def handle(self):
        self.treatment = self.to = ""
        try:
            self.say("220 post office")
            while line := self.rfile.readline():
                if not self.answer(line.decode().strip()):
                    return
        except (HangUp, ConnectionError):
            pass

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def answer(self, line):
        """Answers one command. Returns whether the connection stays open."""
        command = line.split(":")[0].split(" ")[0].upper()
        if command == "RCPT":
            self.to = line.partition("<")[2].partition(">")[0]
            self.treatment = self.server.treatment_of(self.to)
        if command == "DATA":
            return self.take()
        refusal = {"later": "450 try later", "never": "550 nobody here"}.get(self.treatment)
        self.say(refusal if command == "RCPT" and refusal else "221 bye" if command == "QUIT" else "250 ok")
        return command != "QUIT"

    def take(self):
        """Receives the text of an e-mail. Returns whether the connection stays open."""
        if self.treatment == "hang up":
            raise HangUp
        self.say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        text = b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)
        if self.treatment == "refuse text":
            self.say("554 not this one")
            return True
        self.server.keep(Letter(self.to, message_from_bytes(text, policy=policy.default)))
        self.say("250 taken")
        return self.treatment != "no goodbye"


class PostOffice(socketserver.ThreadingTCPServer):
    """The server, used as a context manager. `treat(address, number)` gets the number of earlier attempts for this
    address.

    It returns "" to accept the e-mail, "later" (450), "never" (550), "refuse text" (554 after the text), "hang up"
    (before the text is received) or "no goodbye" (accepted, then the connection closes). `delay`: seconds per e-mail.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, treat=lambda address, number: "", delay=0):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.treat, self.delay = treat, delay
        self.letters, self.tried, self.lock = [], {}, threading.Lock()

    @property
    def port(self):
        return self.server_address[1]

    def treatment_of(self, address):
        """Counts the attempt and returns the treatment for this address."""
        with self.lock:
            number = self.tried[address] = self.tried.get(address, -1) + 1
        return self.treat(address, number)

    def keep(self, letter):
        """Stores an accepted e-mail."""
        with self.lock:
            self.letters.append(letter)
        time.sleep(self.delay)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *problem):
        self.shutdown()
        self.server_close()
