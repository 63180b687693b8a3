"""The rules, one file each, in folders by subject; the cases of each stand beside it."""
