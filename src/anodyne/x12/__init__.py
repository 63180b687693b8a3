"""Bytes to frames and back: X12 as columns, every byte accounted for.

`delimiters` finds how an interchange is punctuated, `windows` cuts a file where claims end, `segments`
indexes one window, `loops` says where each segment stands, `professional` declares which columns are read
from where, `read` walks that declaration, `structure` finds what the guide does not allow, and `write` gives
the bytes back.
"""
