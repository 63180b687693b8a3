"""Bytes to frames and back: X12 as columns, every byte accounted for.

`delimiters` finds how an interchange is punctuated, `windows` cuts a file where claims end, `segments`
indexes one window, `loops` says where each segment stands and `owners` whose it is.  `professional` declares
which columns of claims are read from where and `read` walks that declaration; `remittance` and `read_remits`
do so for what payers send back.  `structure` finds what the guide does not allow, and `write` gives the bytes
back.
"""
