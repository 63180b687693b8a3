"""Tests have a data directory of their own: what this computer's user has loaded decides none of them.

No example of a property has a deadline: how fast a shared machine is at the moment says nothing of the code.
"""

import atexit
import os
import tempfile

from hypothesis import settings

_HOME = tempfile.TemporaryDirectory(prefix="anodyne-tests-")
os.environ["ANODYNE_HOME"] = _HOME.name
atexit.register(_HOME.cleanup)

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
