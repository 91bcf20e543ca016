"""Objects for tests, named for situations."""
