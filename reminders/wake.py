"""Starts Celery tasks from a request. An unreachable broker neither fails nor delays the page."""

import logging
from functools import partial

from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# In seconds, so that a page does not wait for a hanging broker.
CONNECTION_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 1}


def run_on_commit(task, *args):
    """Starts `task` (a Celery task) once the transaction is committed.

    What is due is stored in rows, so a message that cannot be sent is only logged: the next beat does the same work.
    """
    transaction.on_commit(partial(send_task, task, args), robust=True)


def send_task(task, args):
    try:
        with task.app.connection_for_write(transport_options=CONNECTION_OPTIONS) as connection:
            task.apply_async(args, retry=False, expires=3600, connection=connection)
    except (OperationalError, OSError) as problem:
        logger.warning("The broker is unreachable, %s waits for the next beat: %s", task.name, problem)
