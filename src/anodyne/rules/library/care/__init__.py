"""Monthly care management: chronic pain (G3002, G3003) and the programmes beside it."""
