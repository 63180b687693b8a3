"""Image guidance: inside most spinal and block codes, beside a few others."""
