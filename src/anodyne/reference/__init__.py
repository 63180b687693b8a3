"""What publishers and payers have said, dated and cited: tables, sources and payer policies.

`tables.load` reads it all; `tables.in_force` and `tables.pairs_in_force` answer for a day.
Nothing in force gives null, never a guess.
"""
