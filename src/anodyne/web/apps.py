"""The web application, as Django knows it."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates, pages and static files."""

    name = "anodyne.web"
    label = "web"
