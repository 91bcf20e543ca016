"""Makes Python look for reference cycles less often while tests run.

A worker holds some hundred thousand objects that live as long as it does: the collected tests, their syntax trees, the
site and its templates. Python's collector walks through all of them again and again, which took a third of the time of
the tests that ask many pages. What is there when the tests are collected is taken out of its sight, and it starts
after more new objects than by default. Cycles are still freed.
"""

import gc

NEW_OBJECTS = 50_000  # before the youngest generation is searched; 700 by default
TIMES_YOUNG, TIMES_MIDDLE = 20, 100  # searches of a generation before the next older one is searched


def pytest_collection_finish():
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, TIMES_YOUNG, TIMES_MIDDLE)
