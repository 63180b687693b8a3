"""Nothing is kept that nobody reads: facts, policy values, sources."""

from itertools import chain

import pytest

from anodyne.reference.policies import VALUES
from anodyne.reference.policy_files import shipped
from anodyne.reference.published import published_files
from anodyne.reference.shapes import DATED
from anodyne.reference.sources import sources
from anodyne.reference.tables import load
from anodyne.rules.discover import all_rules
from anodyne.rules.rule import View
from anodyne.rules.views import FACTS
from anodyne.rules.views.ground import PLACE_FACTS, POLICY_FACTS


@pytest.mark.parametrize("view", View)
def test_every_fact_of_a_view_is_read_by_a_rule_or_places_its_row(view: View) -> None:
    read = set(chain.from_iterable(rule.reads() for rule in all_rules().values() if rule.view is view))
    assert set(FACTS[view]) - read - set(PLACE_FACTS) == set()


def test_every_policy_value_is_read() -> None:
    facts = [FACTS[rule.view][name] for rule in all_rules().values() for name in rule.reads()]
    assert set(VALUES) - {name for fact in facts for name in fact.values} == set()
    assert set(POLICY_FACTS) == {f"payer_{name}" for name in VALUES}


def test_every_source_is_cited() -> None:
    reference = load()
    by_id = {
        *chain.from_iterable(reference.table(name)["cite"] for name in DATED),
        *(edition.source for edition in chain.from_iterable(reference.published.values())),
        *(value.cite for policy in shipped().policies for value in policy.values),
        *(file.source for file in published_files().values()),
    }
    by_title = {cite.source for rule in all_rules().values() for cite in rule.cites}
    assert [s.id for s in sources().values() if s.id not in by_id and s.title not in by_title] == []
