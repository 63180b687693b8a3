"""A simulation as files: what the commands read, and the frames as CSV."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import accumulate
from pathlib import Path
from typing import Final

import polars as pl

from anodyne.simulator.acknowledgement_files import Answer, claim_answers, file_answer
from anodyne.simulator.claim_frames import control_numbers, parties, sent_file
from anodyne.simulator.policies import policy_of
from anodyne.simulator.remittance_files import remittance_file
from anodyne.simulator.simulate import Simulated
from anodyne.x12.compose import compose
from anodyne.x12.compose_parties import Interchange

UNSENT: Final = "unsent.837"
"""Claims that are made and wait: held or ready."""
_MADE_AT: Final = dt.time(18, 30)
_TABLES: Final = {
    "time": "care_time.csv",
    "enrolments": "care_enrolments.csv",
    "contracts": "contracts.csv",
    "limits": "limits.csv",
}
"""Frames that commands read, by the names of their files."""


def write_files(simulated: Simulated, folder: Path) -> None:
    """Write all into `folder`, which is made where it is missing; files of the same name are overwritten.

    837/ has the claims of each day, 999/ and 277/ what the front doors answered, 835/ what payers paid;
    unsent.837 the claims that are held or ready; care_time.csv, care_enrolments.csv, contracts.csv,
    limits.csv and policies/ what the commands take beside them; frames/ every frame as CSV, the books among
    them (truth, accounts, totals).  The same simulation gives the same bytes.
    """
    for name, data in files(simulated):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def files(simulated: Simulated) -> Iterator[tuple[str, bytes]]:
    """Every file by its place in the folder."""
    yield from _claims(simulated)
    yield from _answers(simulated)
    for payment in simulated.paid:
        yield payment.file, remittance_file(payment, simulated.world)
    for payer in simulated.world.payers.values():
        if payer.filing != "MB":
            yield f"policies/{payer.key}.toml", policy_of(payer)
    for name, file in _TABLES.items():
        yield file, getattr(simulated, name).write_csv().encode()
    for told in fields(simulated):
        frame = getattr(simulated, told.name)
        if isinstance(frame, pl.DataFrame) and told.name not in _TABLES:
            yield f"frames/{told.name}.csv", frame.write_csv().encode()


def _claims(simulated: Simulated) -> Iterator[tuple[str, bytes]]:
    composer = Composer(simulated)
    sent: defaultdict[dt.date, list[int]] = defaultdict(list)
    unsent = []
    for key, claim in enumerate(simulated.lived):
        for day in dict.fromkeys(sending.day for sending in claim.sendings):
            sent[day].append(key)
        if not claim.sendings:
            unsent.append(key)
    for day, control in control_numbers(simulated.lived).items():
        yield sent_file(day), composer.file(sent[day], day, control)
    if unsent:
        control = len(sent) + 1
        yield UNSENT, composer.file(unsent, simulated.as_of, control)


class Composer:
    """Makes 837P files of any claims of a simulation."""

    def __init__(self, simulated: Simulated) -> None:
        self._simulated = simulated
        self._everybody = parties(simulated.claims, simulated.patients, simulated.users, simulated.world)
        counts = (len(claim.bill.lines) for claim in simulated.lived)
        self._first_line = list(accumulate(counts, initial=0))

    def file(self, keys: Sequence[int], day: dt.date, control: int) -> bytes:
        """The file of the claims with these keys, made on `day`."""
        simulated, first = self._simulated, self._first_line
        lines = [line for key in keys for line in range(first[key], first[key + 1])]
        return compose(
            simulated.claims[list(keys)],
            simulated.lines[lines],
            self._everybody,
            Interchange(
                sender=simulated.world.submitter["id"],
                receiver=simulated.world.receiver["id"],
                control_number=control,
                made_at=dt.datetime.combine(day, _MADE_AT),
                usage="T",
                line_breaks=True,
            ),
        )


def _answers(simulated: Simulated) -> Iterator[tuple[str, bytes]]:
    world, controls = simulated.world, control_numbers(simulated.lived)
    refused: dict[dt.date, bool] = {}
    told: defaultdict[dt.date, list[Answer]] = defaultdict(list)
    for claim in simulated.lived:
        for sending in claim.sendings:
            refused[sending.day] = sending.answer == "refused"
            if sending.answer in {"accepted", "rejected"} and sending.answered_on:
                told[sending.answered_on].append((claim, sending))
    for day, control in controls.items():
        yield f"999/{day}.999", file_answer(day, control, world, refused=refused[day])
    for number, day in enumerate(sorted(told), 1):
        yield f"277/{day}.277", claim_answers(told[day], day, controls, world, number)
