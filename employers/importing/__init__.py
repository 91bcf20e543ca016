"""Bringing an employer register in from Excel: read, check, compare, then write all or nothing.

workbook -> columns -> cells -> rows -> compare -> write; each step knows only the one before it. Nothing is written
before every row of the file is right, and every fault is named by sheet, row, column and value.
"""
