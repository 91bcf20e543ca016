"""The stages of an import, in order, and the default progress callback."""

WAITING, READING, COMPARING, WRITING = "waiting", "reading", "comparing", "writing"


def no_progress(stage, done, of):
    """Progress callback that does nothing; it receives `done` of `of` rows in `stage`."""
