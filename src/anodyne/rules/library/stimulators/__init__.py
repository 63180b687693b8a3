"""Spinal cord stimulators: trials, leads, places and how often they are programmed."""
