"""The form of signing in."""

from typing import Any

from allauth.account.forms import LoginForm


class SignIn(LoginForm):  # type: ignore[misc]  # the library has no types
    """The library's own, where the keyboard begins in the first field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  the library's own
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autofocus"] = True
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""
