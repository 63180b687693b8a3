"""Bytes of CSV or Parquet to frames: what a practice writes down itself.

`tables` declares each table, `columns` says how a cell is read, `records` finds where the records of a CSV
file stand, `files` makes texts of a file of either kind, and `read` walks the declaration.  Every bad cell is
told, and nothing of a file that has one is used.
"""
