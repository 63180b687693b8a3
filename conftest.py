"""Tests have a data directory of their own: what this computer's user has loaded decides none of them.

No example of a property has a deadline: how fast a shared machine is at the moment says nothing of the code.
"""

import atexit
import os
import tempfile

import django
from django.conf import settings as settings_of_django
from hypothesis import settings

_HOME = tempfile.TemporaryDirectory(prefix="anodyne-tests-")
os.environ["ANODYNE_HOME"] = _HOME.name
atexit.register(_HOME.cleanup)

# Of the practice's database there is none until a test asks for one (tests/database.py).
os.environ["DJANGO_SETTINGS_MODULE"] = "anodyne.web.settings"
os.environ["ANODYNE_SECRET_KEY"] = "made up for tests, and long enough for what it signs"  # noqa: S105
for _role in ("ANODYNE_APP_URL", "ANODYNE_OWNER_URL"):
    os.environ[_role] = "postgresql://nobody@localhost:1/none"
django.setup()
settings_of_django.PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # quick, and of made-up people

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
