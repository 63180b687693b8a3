"""Pages of a made-up practice, asked for as a browser would."""

from django.test import Client

from anodyne.store.models import User
from tests.practice import PASSWORD


def stranger() -> Client:
    """A browser of nobody yet."""
    return Client(SERVER_NAME="localhost")


def signed_in(user: User) -> Client:
    """A browser of `user`, who signed in with their password."""
    client = stranger()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client
