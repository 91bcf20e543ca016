"""The public portal: no account, no script, no trace of the visitors."""
