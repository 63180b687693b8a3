"""Diagnoses: codes that ended, that exclude each other, that leave a side out."""
