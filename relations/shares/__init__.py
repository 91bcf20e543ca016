"""Who sees a record beyond their role, and why (R381)."""
