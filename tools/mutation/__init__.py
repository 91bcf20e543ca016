"""Do the tests notice when a line is wrong? `make mutate` changes one thing at a time and sees which test fails."""
