"""What a rule is, the views that hold every fact, and the library of rules with their cases."""
