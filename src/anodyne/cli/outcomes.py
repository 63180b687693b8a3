"""From which outcome on a command ends with findings."""

from typing import Final

from anodyne.kernel.errors import BadRequest
from anodyne.model.outcome import Outcome

FOUND: Final = 1
"""The exit status where something was found."""
NEVER: Final = "never"


def limit_of(text: str) -> Outcome | None:
    """The outcome that `--fail-on` names; None for never, BadRequest for anything else."""
    if text == NEVER:
        return None
    if text not in list(Outcome):
        raise BadRequest(
            f"no outcome is called {text}", where="--fail-on", fix=f"Use {', '.join(Outcome)} or {NEVER}."
        )
    return Outcome(text)
