"""Filing: in time, and in the form the payer takes."""
