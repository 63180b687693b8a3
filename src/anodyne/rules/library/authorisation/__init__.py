"""Prior authorisation: the number that has to stand on the claim."""
