"""The words of the practice: outcomes, and the frames that everything is made of."""
