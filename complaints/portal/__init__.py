"""The public door: no account, no script, no trace of who knocks."""
