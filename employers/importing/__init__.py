"""The import of employers from Excel: columns and specification. The rest is in relations.imports."""
