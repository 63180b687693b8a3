"""Left, right and both: how a payer wants sides billed, and codes that have none."""
