"""Anodyne: the open revenue-cycle system for pain medicine."""
