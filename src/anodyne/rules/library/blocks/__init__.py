"""Blocks and injections: what belongs to them and is not billed apart."""
