"""Tests have a data directory of their own: what this computer's user has loaded decides none of them."""

import atexit
import os
import tempfile

_HOME = tempfile.TemporaryDirectory(prefix="anodyne-tests-")
os.environ["ANODYNE_HOME"] = _HOME.name
atexit.register(_HOME.cleanup)
