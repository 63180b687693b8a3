"""What a rule is, the views that hold every fact, and the library of rules, one file each with its cases beside it."""
