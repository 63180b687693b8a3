"""Where each cent of a charge stands: remittances balanced, posted twice over, and reported as of any day.

`balance` says which remittances hold together, `posting` makes entries of those that do, `transfers` follows
a claim from one remittance to the next, and `reports` adds up.  Nothing here writes, and nothing is changed:
a ledger is a frame of postings, and more of them is the only way on.
"""
