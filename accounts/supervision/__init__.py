"""Who supervises whom, from when to when (R299)."""
