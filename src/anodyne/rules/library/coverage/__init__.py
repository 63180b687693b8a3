"""What Medicare's contractors cover, by the lists of their articles."""
