"""Joint injections: one unit a joint, and ultrasound is in the code or not at all."""
