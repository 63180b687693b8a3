"""The store as an application of Django."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The tables of a practice."""

    name = "anodyne.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
