"""Botulinum toxin for migraine: how often, for what, how much, and with the toxin billed."""
