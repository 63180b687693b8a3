"""What is done in the background."""

from procrastinate import App


def ready(app: App) -> None:
    """Tell the queue of the jobs; called once Django knows its models."""
    del app
