"""Everything that can be found: the rules of the library and the structural edits."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from types import MappingProxyType

from anodyne.kernel.cite import Cite
from anodyne.kernel.errors import BadRequest
from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.reference.policies import VALUES, Policies
from anodyne.rules.cases import Case, sheet_of
from anodyne.rules.discover import all_rules
from anodyne.rules.rule import Rule
from anodyne.rules.views import FACTS
from anodyne.x12.edits import EDITS, Edit


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a rule, or a structural edit, as a person asks about it."""

    id: str
    key: str
    """Unique where a changed rule follows under one id: the `rule_key` of its findings."""
    title: str
    statement: str
    outcome: Outcome
    in_force: Span | None
    payers: str
    view: str
    cites: tuple[Cite, ...]
    rule: Rule | None

    @property
    def of_claims(self) -> bool:
        """Whether it judges claims, rather than months of care management."""
        return self.rule is None or self.rule.of_claims

    def values(self) -> tuple[str, ...]:
        """The values of a payer's policy that it compares, by name."""
        return () if self.rule is None else tuple(sorted(_values(self.rule)))

    def cases(self) -> tuple[Case, ...]:
        """The cases that show what the rule means; none for a structural edit."""
        return () if self.rule is None else sheet_of(self.rule).cases


@cache
def entries() -> Mapping[str, Entry]:
    """Every version of every rule, and every structural edit, by key."""
    known = [*map(_of_rule, all_rules().values()), *map(_of_edit, EDITS.values())]
    return MappingProxyType({one.key: one for one in known})


@cache
def catalogue() -> Mapping[str, tuple[Entry, ...]]:
    """Every rule and structural edit by id: its versions, those of claims first, the latest of them first."""
    known = sorted(entries().values(), key=lambda one: (one.id, one.of_claims, one.key))
    return MappingProxyType(
        {id_: tuple(reversed([*some])) for id_, some in groupby(known, lambda one: one.id)}
    )


@cache
def claim_ids() -> frozenset[str]:
    """The ids of the rules and edits that judge claims; others judge months before they are claims."""
    return frozenset(one.id for one in entries().values() if one.of_claims)


def versions(id: str, *, where: str = "anodyne rule") -> tuple[Entry, ...]:  # noqa: A002  the word the field uses
    """The versions of the rule or edit called `id`, the one that came into force last first.

    Raises BadRequest where there is none, with the nearest ids and `where` it was asked.
    """
    found = catalogue().get(id.upper()) or catalogue().get(id)
    if found is None:
        near = difflib.get_close_matches(id.upper(), catalogue(), n=4, cutoff=0.4)
        raise BadRequest(
            f"no rule is called {id}",
            where=where,
            fix=f"Near it: {', '.join(near)}." if near else "`anodyne rule` lists them all.",
        )
    return found


def ids_under(prefixes: tuple[str, ...], *, where: str) -> frozenset[str]:
    """The ids of rules of claims that equal or begin with one of `prefixes`.

    Raises BadRequest for a prefix that none has, or only rules that judge months of care management.
    """
    found: set[str] = set()
    for prefix in prefixes:
        under = {name for name in claim_ids() if name.upper().startswith(prefix.upper())}
        if not under and any(name.upper().startswith(prefix.upper()) for name in catalogue()):
            raise BadRequest(
                f"{prefix} judges months of care management, and no claims",
                where=where,
                fix="`anodyne care close` judges by it.",
            )
        found |= under or {versions(prefix, where=where)[0].id}
    return frozenset(found)


@cache
def rests_on_policy() -> tuple[str, ...]:
    """The keys of the rules whose findings rest on values of the payer's policy."""
    return tuple(key for key, entry in entries().items() if entry.rule is not None and _values(entry.rule))


def cites_of(rule_key: str, ruling: int | None, policies: Policies) -> tuple[Cite, ...]:
    """By whose authority a finding of a rule speaks, where `ruling` is what its payer's policies say.

    What the payer or its contractor says stands before what the rule itself rests on, and a programme's own
    policy after it.
    """
    entry = entries()[rule_key]
    if ruling is None or entry.rule is None:
        return entry.cites
    near, national = policies.cites(ruling, _values(entry.rule))
    cited = {cite.source for cite in (*near, *entry.cites)}
    return (*near, *entry.cites, *(cite for cite in national if cite.source not in cited))


def _values(rule: Rule) -> tuple[str, ...]:
    """The values of a payer's policy that `rule` compares, then those its facts are worked out from."""
    read = {fact: FACTS[rule.view][fact].values for fact in rule.reads()}
    compared = {name for fact, names in read.items() for name in names if fact == f"payer_{name}"}
    named = {name for names in read.values() for name in names}
    return (
        *(name for name in VALUES if name in compared),
        *(name for name in VALUES if name in named - compared),
    )


def _of_rule(rule: Rule) -> Entry:
    return Entry(
        rule.id,
        rule.key,
        rule.title,
        rule.statement,
        rule.outcome,
        rule.in_force,
        rule.payers.value,
        rule.view.value,
        rule.cites,
        rule,
    )


def _of_edit(edit: Edit) -> Entry:
    return Entry(
        edit.id,
        edit.id,
        edit.title,
        edit.statement,
        edit.outcome,
        None,
        "everyone",
        "structure",
        (edit.cite,),
        None,
    )
