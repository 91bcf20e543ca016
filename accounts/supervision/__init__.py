"""Supervision: who supervises whom, from when to when (R299)."""
