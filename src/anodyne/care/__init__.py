"""Care management: intervals of work to billable units, each minute once, and the proof of it."""
