from __future__ import annotations

import pytest

from chalicelib.domain import audit
from chalicelib.domain.run_overrides import OverridesRule, rule
from chalicelib.domain.variables import Variable
from tests.domain.examples import environment

ROLE = "arn:aws:iam::123456789012:role/kintoblocks/shop"
PLAIN = Variable(name="MODE", value="fast")


def masked(*names):
    return tuple(Variable(name=name, masked=True) for name in names)


def test_by_default_a_deployer_may_where_nothing_is_masked():
    assert rule(environment(), ()) == OverridesRule("deployer")
    assert rule(environment(), (PLAIN,)) == OverridesRule("deployer")


def test_by_default_a_mask_takes_an_admin():
    found = rule(environment(), (PLAIN, *masked("B", "A")))
    assert found == OverridesRule("admin", "they could print what is masked: A, B")
    found = rule(environment(), masked(*"EDCBA"))
    assert found.reason == "they could print what is masked: A, B, C and 2 more"


def test_by_default_a_role_takes_an_admin():
    found = rule(environment(role_arn=ROLE), ())
    assert found == OverridesRule("admin", "the jobs of this environment run as a role of their own")


@pytest.mark.parametrize("more", [{}, {"role_arn": ROLE}])
@pytest.mark.parametrize("variables", [(), masked("A")])
def test_what_an_admin_has_chosen_counts(more, variables):
    assert rule(environment(run_overrides="deployer", **more), variables) == OverridesRule("deployer")
    reserved = rule(environment(run_overrides="admin", **more), variables)
    assert reserved == OverridesRule("admin", "this environment reserves them to admins")


def test_a_choice_is_in_the_audit():
    (change,) = audit.changes(environment(), environment(run_overrides="deployer"))
    assert (change.field, change.old, change.new) == ("run_overrides", None, "deployer")
