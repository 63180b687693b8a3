"""The practice's database: its tables, who may see which rows, what may be written, and its trail.

Stores and gives back; judges nothing.  Everything but users and practices belongs to one practice, which the
database itself enforces (`policies`); every change leaves a row in a trail that no application can write.
"""
