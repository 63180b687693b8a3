"""The library of rules, found by looking."""

from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import MappingProxyType
from typing import TYPE_CHECKING

from anodyne.kernel.errors import BadRule
from anodyne.rules import library
from anodyne.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@cache
def all_rules() -> "Mapping[str, Rule]":
    """Every rule of the library by its key, in the order of ids; there is no list to keep up to date.

    Raises BadRule where two rules claim one id on the same day.
    """
    found: dict[str, Rule] = {}
    for module in walk_packages(library.__path__, f"{library.__name__}."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, Rule) and value.module == module.name:
                _refuse_overlap(value, found.values())
                found[value.key] = value
    return MappingProxyType(dict(sorted(found.items())))


@cache
def claim_rules() -> "Mapping[str, Rule]":
    """Those of all rules that judge claims, by key, in the order of ids."""
    return MappingProxyType({key: rule for key, rule in all_rules().items() if rule.of_claims})


def _refuse_overlap(rule: Rule, others: "Iterable[Rule]") -> None:
    for other in others:
        same = other.id == rule.id and other.of_claims == rule.of_claims
        if same and other.in_force.overlaps(rule.in_force):
            raise BadRule(
                f"two rules claim {rule.id} on the same day",
                where=f"{rule.module} and {other.module}",
                fix="Give one a letter, or let one span end where the next begins.",
            )
