"""A session while it is built: services, questions and what is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from anodyne.coding.built import LeftOut, Question, Reason
from anodyne.coding.daybook import Chosen, Daybook
from anodyne.coding.facts import CODER, PAYER, facts_of
from anodyne.coding.procedures import Procedure
from anodyne.coding.session import Biller, Entry, Session
from anodyne.kernel.cite import Cite


@dataclass(frozen=True, slots=True)
class Service:
    """What becomes one line, or one for each side."""

    code: str
    entries: tuple[int, ...]
    reasons: tuple[Reason, ...]
    side: str | None = None
    """right, left or both; None where nobody told, or where the code has none."""
    units: int = 1
    modifiers: tuple[str, ...] = ()
    structure: str = ""
    """What was treated: a second service of one code at another structure is told apart."""
    own_sides: bool = False
    """Whether the code says by itself that both sides were treated, or one."""
    step: str = "first"
    """first, next or rest; what is not first goes with the first of its group, and falls with it."""
    group: str = ""
    """What counts its steps together; guidance goes with the services of its entries."""
    guidance: bool = False
    apart: bool | None = None
    dx: tuple[str, ...] = ()
    waste: bool = False
    ndc: str | None = None
    ndc_qty: float | None = None
    ndc_unit: str | None = None

    def because(self, *reasons: Reason) -> "Service":
        """The same service with more `reasons`."""
        return replace(self, reasons=(*self.reasons, *reasons))


@dataclass(slots=True)
class Draft:
    """What was found so far; only the building of one session writes to it."""

    session: Session
    book: Daybook
    services: list[Service] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def of_facility(self) -> bool:
        """Whether the claim is that of a surgical centre."""
        return self.session.biller is Biller.SURGERY_CENTRE

    def ask(self, entry: Entry, name: str, changes: str, *, asks: str = "") -> None:
        """Ask for the fact `name` of `entry`."""
        told = facts_of(type(entry.facts))[name]
        self._put(Question(asks or told.asks, told.who, name, entry.number, changes))

    def ask_payer(self, value: str, changes: str) -> None:
        """Ask the payer for the value `value`, which its policy does not tell."""
        self._put(
            Question(
                f"the payer's policy does not tell {self.book.asks_of(value)}", PAYER, value, None, changes
            )
        )

    def ask_coder(self, number: int, asks: str, changes: str, name: str = "code") -> None:
        """Ask the coder about the procedure at `number`."""
        self._put(Question(asks, CODER, name, number, changes))

    def leave(self, code: str | None, entries: Sequence[int], why: Reason) -> None:
        """Leave something out of the bill."""
        self.left_out.append(LeftOut(code, why, tuple(entries)))

    def add(self, service: Service) -> None:
        """Add a service; one by an unlisted code is left out, for a person to write."""
        if self.book.group(service.code) == "unlisted":
            self.leave(
                service.code, service.entries, self.book.statement("unlisted", service.reasons[0].rests_on)
            )
            self.ask_coder(
                service.entries[0],
                f"{service.code} is unlisted: is there a code of its own?",
                "the line is missing",
            )
        else:
            self.services.append(service)

    def pulsed(self, entry: Entry, *names: str) -> None:
        """Leave out what was done by pulsed radiofrequency, of which the facts `names` tell."""
        chosen = self.book.choose("unlisted", "pulsed")
        why = self.book.statement("pulsed", told(entry.facts, *names))
        self.leave(chosen.code if chosen else None, (entry.number,), why)

    def no_code(self, entries: Sequence[int], rests_on: str) -> None:
        """Nothing in the table says how this is coded on the day of the session."""
        says = f"no code for this is known on {self.book.day}"
        self.leave(None, entries, Reason(says, rests_on, ()))
        self.ask_coder(entries[0], f"{says}: which is it?", "the line is missing")

    def _put(self, question: Question) -> None:
        asked = (question.asks, question.fact, question.procedure)
        if all(asked != (one.asks, one.fact, one.procedure) for one in self.questions):
            self.questions.append(question)


def reason(chosen: Chosen, rests_on: str) -> Reason:
    """Why a code was chosen."""
    return Reason(f"{chosen.code}: {chosen.label}", rests_on, (chosen.cite,))


def told(facts: Procedure, *names: str) -> str:
    """The facts called `names` as they were told, for a reason to rest on.

    >>> from anodyne.coding.procedures import Joint
    >>> told(Joint(joint="knee", side="right"), "joint", "side", "imaging")
    'joint: knee; side: right; imaging: not told'
    """
    return "; ".join(f"{name.replace('_', ' ')}: {_written(getattr(facts, name))}" for name in names)


def _written(value: object) -> str:
    if value is None:
        return "not told"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).replace("_", " ")


def policy_reason(book: Daybook, value: str, says: str, rests_on: str, also: Sequence[Cite] = ()) -> Reason:
    """A reason that rests on the payer's policy."""
    return Reason(says, rests_on, (*book.payer_cites(value), *also))
