"""Bringing a register in from Excel: read, check, compare, then write all or nothing. For every kind of stakeholder.

What a kind brings is its `ImportSpec` (specs.py); everything else is here and names no kind:

1. `package_checks` refuses what is no honest workbook, `workbook_reader` streams it, `headings` finds the columns;
2. `columns`, `cells` and `entries` read rows, `faults` collects what is wrong by sheet, row and column;
3. `plan` compares with the existing rows: new, changed, unchanged, faulty;
4. `write` writes in portions inside one transaction, one register after the other (`write_lock`);
5. `reading` joins 1-4; `uploads` and `life_cycle` keep the file and its states, `progress` how far it is, `report`
   what was read, `annotated_copy` the file with its faults; `check_page`, `forms` and `views` show all of it.

`stakeholders/` does 2-4 for registers whose rows are stakeholders with people, terms and a responsible worker.
"""
