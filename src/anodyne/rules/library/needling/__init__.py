"""Dry needling: muscles are counted, nothing is injected, and acupuncture is another service."""
