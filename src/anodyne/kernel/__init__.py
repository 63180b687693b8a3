"""The ground floor: spans of days, money, citations and errors.  Standard library only."""
