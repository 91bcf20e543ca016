"""Import of a register from Excel: read, check, compare, then write all or nothing. For every kind of stakeholder.

A kind declares an `ImportSpec` (specs.py); everything else here is independent of the kind:

1. `package_checks` refuses malicious or broken files, `workbook_reader` streams the workbook, `headings` finds the
   columns;
2. `columns`, `cells` and `entries` read the rows, `faults` describes errors by sheet, row and column;
3. `plan` compares with the existing records: new, changed, unchanged, faulty;
4. `write` writes in batches inside one transaction, one register at a time (`write_lock`);
5. `reading` combines 1-4; `uploads` stores the file, `life_cycle` its states, `progress` the progress, `report` the
   result; `annotated_copy` marks the faults in a copy of the file; `check_page`, `forms` and `views` are the pages.

`stakeholders/` does 2-4 for registers whose rows are stakeholders with people, terms and a responsible worker.
"""
