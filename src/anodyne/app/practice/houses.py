"""Clearinghouses as a practice keeps them, and by which way each payer is reached."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction

from anodyne.app.practice.mailboxes import allowed_folder, has_secret, keep_secret
from anodyne.kernel.errors import BadFields, BadRequest
from anodyne.store.models import Clearinghouse, Payer

FIELDS: Final = (
    "name", "receiver_name", "receiver_id", "sender_qualifier", "receiver_qualifier", "carrier", "address",
    "outbox", "inbox", "user_name", "host_key", "is_test",
)  # fmt: skip
PAPER: Final = "paper"
_QUALIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_FOLDER: Final = re.compile(r"[^/\\\x00-\x1f]+(/[^/\\\x00-\x1f]+)*")
_SIGNS_IN_BY: Final = ("carrier", "address", "user_name")
"""Whoever changes one of these gives the secret anew: it goes to nobody it was not entered for."""


@dataclass(frozen=True, slots=True)
class House:
    """A clearinghouse and what belongs to it."""

    row: Clearinghouse
    payers: tuple[Payer, ...]
    has_secret: bool


def houses() -> tuple[House, ...]:
    """The clearinghouses of the practice, by name."""
    found = Clearinghouse.objects.prefetch_related("payers").order_by("name")
    return tuple(House(row, tuple(row.payers.all()), has_secret(row)) for row in found)


def house_of(key: int) -> House:
    """The clearinghouse of this key; raises BadRequest where there is none."""
    for one in houses():
        if one.row.pk == key:
            return one
    raise BadRequest("there is no such clearinghouse", where=f"{key}", fix="Choose from the list.")


def keep_house(
    values: Mapping[str, Any], *, key: int | None = None, secret: str = "", passphrase: str = ""
) -> Clearinghouse:
    """Add a clearinghouse, or change the one of `key`; `secret` is its password or private key.

    Raises BadFields where a value is not what it should be.
    """
    row = Clearinghouse() if key is None else house_of(key).row
    before = {name: getattr(row, name) for name in _SIGNS_IN_BY}
    for name in FIELDS:
        setattr(row, name, values[name])
    wrong = dict(_wrong(row))
    moved = key is not None and before != {name: getattr(row, name) for name in _SIGNS_IN_BY}
    if row.carrier == "sftp" and not secret and (key is None or moved or not has_secret(row)):
        wrong |= {"secret": "give the password or private key: it is kept for this server and user alone"}
    if wrong:
        raise BadFields(wrong, where="the clearinghouse")
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise BadFields({"name": "another clearinghouse has it"}, where="the clearinghouse") from None
    if secret:
        row.secret_name = f"clearinghouse-{row.pk}"
        row.save(update_fields=["secret_name"])
        keep_secret(row, secret, passphrase)
    return row


def _wrong(row: Clearinghouse) -> Mapping[str, str]:
    found = {}
    for name in ("sender_qualifier", "receiver_qualifier"):
        if not _QUALIFIER.fullmatch(getattr(row, name)):
            found[name] = "two letters or digits, as ZZ or 30"
    for name in ("outbox", "inbox"):
        told = getattr(row, name)
        if not _FOLDER.fullmatch(told) or ".." in told.split("/"):
            found[name] = "the name of a folder, or folders with / between"
    if row.carrier == "directory":
        try:
            allowed_folder(row)
        except BadRequest as error:
            found["address"] = f"{error.what}. {error.fix}"
    elif not row.host_key.strip():
        found["host_key"] = "the server's public key, as ssh-ed25519 AAAA…: ask who runs it"
    return found


def payers() -> tuple[Payer, ...]:
    """All payers, by name, each with its clearinghouse."""
    return tuple(Payer.objects.select_related("clearinghouse").order_by("name", "payer_id"))


def set_way(payer: int, way: str) -> Payer:
    """Reach a payer by the clearinghouse of that key, on paper (`paper`), or by no way (empty)."""
    row = Payer.objects.filter(pk=payer).first()
    house = Clearinghouse.objects.filter(pk=int(way)).first() if way.isdecimal() else None
    if row is None or (house is None and way not in ("", PAPER)):
        raise BadRequest("there is no such payer or way", where="payers", fix="Choose from the list.")
    row.clearinghouse, row.on_paper = house, way == PAPER
    row.save(update_fields=["clearinghouse", "on_paper"])
    return row
