"""The stages of work on a file, in order, and what a function that is called on progress looks like."""

WAITING, READING, COMPARING, WRITING = "waiting", "reading", "comparing", "writing"


def no_progress(stage, done, of):
    """Called when nobody asks for progress: `done` of `of` rows in `stage`."""
