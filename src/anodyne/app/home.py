"""Where what a user loads is kept."""

import os
from pathlib import Path
from typing import Final

HOME: Final = "ANODYNE_HOME"
"""The environment's name for the data directory."""


def data_home() -> Path:
    """The data directory: what ANODYNE_HOME names, else the place where this system keeps a user's data."""
    told = os.environ.get(HOME)
    if told:
        return Path(told).expanduser()
    from platformdirs import user_data_path  # noqa: PLC0415  only where nothing is said

    return user_data_path("anodyne", appauthor=False)
