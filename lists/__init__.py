"""Building blocks of list pages: the query string, filters, tabs, column headings and keyset pagination.

A package without models, below all apps. What only lists of stakeholders need is in relations.lists.
"""
