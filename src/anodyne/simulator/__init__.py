"""A made-up pain practice and its payers: a year of work, and the books of what is true of it.

`simulate.simulate` makes the frames, `files.write_files` the files.  Nothing here judges: what is wrong with
a claim is known because it was put there.  The same seed, size and day give the same bytes.
"""
