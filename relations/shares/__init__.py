"""Access to single records beyond the role of a user: shares and emergency access (R381)."""
