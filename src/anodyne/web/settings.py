"""The settings of the web application, all of them from the environment that `anodyne serve` makes."""

import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

_HERE: Final = Path(__file__).parent
_YEAR: Final = 31_536_000


def database_of(url: str) -> dict[str, Any]:
    """Django's settings of a database at `url` (postgresql://user:password@host:port/name?option=value)."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


SECRET_KEY = os.environ.get("ANODYNE_SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("ANODYNE_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
SECURE = os.environ.get("ANODYNE_HTTPS") == "1"
"""Whether pages are served over HTTPS, by a proxy that says so."""
PROXY = os.environ.get("ANODYNE_PROXY", "127.0.0.1")
"""The proxy's address, as this server sees it."""
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anodyne.store.apps.StoreConfig",
    "anodyne.web.apps.WebConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "anodyne.web.middleware.PracticeMiddleware",
]
ROOT_URLCONF = "anodyne.web.urls"
WSGI_APPLICATION = "anodyne.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "anodyne.web.context.of_practice",
            ],
            "builtins": ["anodyne.web.templatetags.words"],
        },
    }
]
DATABASES = {"default": database_of(os.environ.get("ANODYNE_APP_URL", "postgresql://"))}
if "ANODYNE_OWNER_URL" in os.environ:
    # Only set-up and migrations know the owner of the tables; the web server and the jobs never do.
    DATABASES["owner"] = {
        **database_of(os.environ["ANODYNE_OWNER_URL"]),
        "CONN_MAX_AGE": 0,
        "TEST": {"MIRROR": "default"},
    }
DATABASE_ROUTERS = ["anodyne.store.router.OneDatabase"]
AUTH_USER_MODEL = "store.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "anodyne.web.accounts.Accounts"
ACCOUNT_FORMS = {"login": "anodyne.web.sign_in.SignIn"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key", "login": "30/m/ip"}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Anodyne"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
CSRF_FAILURE_VIEW = "anodyne.web.faults.forged"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 30 * 60
"""Until a page of a practice, which has its own limit, is opened."""
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = _YEAR if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_MOST_BYTES = 200 * 1024 * 1024
"""Of one request with a file."""
IMPORT_MOST_BYTES = 16 * 1024 * 1024
"""Of one file that is taken in while its sender waits."""
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "rate_limits",
    }
}
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
PROCRASTINATE_ON_APP_READY = "anodyne.web.jobs.ready"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_patients": {"()": "anodyne.web.logs.WithoutDetails"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["no_patients"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
