"""Registers whose rows are stakeholders of one kind, with contact persons, a responsible worker and perhaps terms."""
