"""Lists of anything: the address of a list, its filters, tabs and columns, and its pages by the last row seen.

A package without models beneath all apps. What a list of stakeholders needs besides stands in relations.lists.
"""
