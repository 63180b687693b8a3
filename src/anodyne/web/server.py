"""The web server: `python -m anodyne.web.server HOST PORT`, as `anodyne serve` starts it."""

import sys

import waitress
from django.conf import settings

from anodyne.web.orphans import end_with_parent
from anodyne.web.wsgi import application

THREADS = 8
IDLE_SECONDS = 60
MOST_CONNECTIONS = 1_000
"""At a time: many that say nothing leave room for those that do."""


def main() -> None:
    """Serve until this process is ended, or the one that started it is gone."""
    host, port = sys.argv[1:]
    end_with_parent()
    from anodyne.store.security import demand_bound  # noqa: PLC0415  its tables are known once Django is set up

    demand_bound()
    # Behind a proxy the address that counts, for limits of tries, is the one that the proxy tells.
    proxy = (
        {"trusted_proxy": settings.PROXY, "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}}
        if settings.SECURE
        else {}
    )
    waitress.serve(
        application,
        host=host,
        port=int(port),
        threads=THREADS,
        channel_timeout=IDLE_SECONDS,
        connection_limit=MOST_CONNECTIONS,
        asyncore_use_poll=True,
        max_request_body_size=settings.UPLOAD_MOST_BYTES,
        ident="",
        **proxy,
    )


if __name__ == "__main__":
    main()
