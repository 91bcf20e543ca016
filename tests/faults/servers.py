"""A PostgreSQL and a Redis that tests stop and restart on the same port."""

import contextlib
import signal

import psycopg2

from tests.faults.site import wait_until
from tests.plugins.services import end, free_port, launch_postgres, launch_redis, make_cluster


class Postgres:
    """A PostgreSQL cluster. Commits are synchronous, so that a crash loses nothing acknowledged."""

    def __init__(self, cleanups):
        self.folder, self.port = make_cluster(cleanups), free_port()
        self.server = None
        cleanups.callback(lambda: self.stop(signal.SIGQUIT))

    def start(self):
        self.server = launch_postgres(self.folder, self.port, synchronous_commit="on")
        wait_until(self.answers, lambda: "PostgreSQL reads its log for too long")

    def answers(self):
        """Returns whether the server accepts logins: it opens its port before it has replayed its log."""
        with contextlib.suppress(psycopg2.OperationalError):
            psycopg2.connect(self.url("postgres")).close()
            return True
        return False

    def stop(self, number):
        """Ends the server with the signal `number`, if it runs."""
        if self.server and self.server.poll() is None:
            end(self.server, number)

    def restart_at_once(self):
        """Does what `pg_ctl restart -m immediate` does: all sessions are cut off, and the log is replayed."""
        self.stop(signal.SIGQUIT)
        self.start()

    def url(self, database):
        return f"postgres://lezhi@127.0.0.1:{self.port}/{database}"

    def run(self, statement):
        """Runs one SQL statement outside any transaction."""
        with contextlib.closing(psycopg2.connect(self.url("postgres"))) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def copy(self, template, name):
        """Copies the database `template`; returns the DATABASE_URL of the copy."""
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)


class Redis:
    """A Redis server that stores nothing: its queue is lost when it stops."""

    def __init__(self, cleanups):
        self.port = free_port()
        self.server = None
        self.start()
        cleanups.callback(self.stop)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        self.server = launch_redis(self.port)

    def stop(self):
        """Kills the server; connections are refused from now on."""
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGCONT)
            end(self.server, signal.SIGKILL)

    def freeze(self):
        """Stops the server from responding: connections are accepted, but nothing is answered."""
        self.server.send_signal(signal.SIGSTOP)
