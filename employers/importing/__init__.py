"""The register of employers in Excel: its columns, and how they are read. The rest is relations.imports."""
