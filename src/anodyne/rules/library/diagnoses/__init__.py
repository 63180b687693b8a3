"""Diagnoses: codes that are none, exclude each other, stand in the wrong place, or leave a side out."""
