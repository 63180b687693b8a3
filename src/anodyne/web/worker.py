"""The job worker: `python -m anodyne.web.worker`, as `anodyne serve` starts it."""

import os
from typing import TYPE_CHECKING, Final

import django

if TYPE_CHECKING:
    from procrastinate import App

CONCURRENCY: Final = 2
"""Jobs at a time: one that waits for another computer does not hold up the rest."""


def main() -> None:
    """Do jobs until this process is ended, or the one that started it is gone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anodyne.web.settings")
    django.setup()
    from procrastinate.contrib.django import app  # noqa: PLC0415  needs Django set up

    from anodyne.store.security import demand_bound  # noqa: PLC0415
    from anodyne.web.orphans import end_with_parent  # noqa: PLC0415

    end_with_parent()
    demand_bound()
    run(app)


def run(app: "App", *, wait: bool = True) -> None:
    """Do the jobs that are waiting, and those that come while `wait`."""
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(concurrency=CONCURRENCY, wait=wait, delete_jobs="successful")


if __name__ == "__main__":
    main()
