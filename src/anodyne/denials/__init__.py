"""What payers did with claims: which claim a payment answers, why it was cut, and what to do next."""
