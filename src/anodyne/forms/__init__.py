"""Forms on paper: claims as PDF, for payers that take no file.

`layout` says where an item stands, `paper` what only paper asks for, `spelled` how a value is written,
`items` what belongs into each item, `sheet` holds what was put, `cms1500` makes the pages.
"""
