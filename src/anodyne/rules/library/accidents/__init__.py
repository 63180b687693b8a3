"""Injuries at work and on the road: what their insurers want, and who pays first."""
