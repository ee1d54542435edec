from __future__ import annotations

import msgspec
import pytest

from chalicelib.domain import configured_blocks
from chalicelib.domain.blocks import Image
from chalicelib.domain.configured_blocks import Ref, RepeatSchedule, RunOnce
from chalicelib.domain.problems import FieldError
from chalicelib.domain.variables import Variable
from tests.domain.examples import COMMIT, block, configuration, configured

SERVICE = block(flavor="service")
OF_IMAGE = block(repository=None, source=Image(image="alpine"))
NIGHTLY = RepeatSchedule(cron="0 3 * * *")


@pytest.mark.parametrize(
    ("of", "told", "wrong"),
    [
        (block(), {}, []),
        (block(), {"ref": Ref(tag="v1"), "run": NIGHTLY}, []),
        (OF_IMAGE, {}, []),
        (OF_IMAGE, {"ref": Ref(branch="main")}, ["ref"]),
        (SERVICE, {}, []),
        (SERVICE, {"ref": Ref(commit=COMMIT)}, []),
        (SERVICE, {"run": RunOnce()}, ["run"]),
        (SERVICE, {"run": NIGHTLY}, ["run"]),
        (block(), {"variables": (Variable("A"), Variable("A"))}, ["variables[1].name"]),
    ],
)
def test_a_configuration_must_fit_its_block(of, told, wrong):
    assert [error.field for error in configured_blocks.errors(configuration(**told), of)] == wrong


def test_all_errors_are_told_at_once():
    of = block(flavor="service", repository=None, source=Image(image="alpine", command="x"))
    told = configuration(ref=Ref(tag="v1"), run=RunOnce(), variables=(Variable("A"), Variable("A")))
    assert [e.field for e in configured_blocks.errors(told, of)] == ["variables[1].name", "ref", "run"]


def test_the_limits_of_variables_are_for_those_of_the_block_too():
    of = block(variables=tuple(Variable(f"B{n}") for n in range(40)))
    at_most = tuple(Variable(f"C{n}") for n in range(24))
    assert configured_blocks.errors(configuration(variables=at_most), of) == []
    (error,) = configured_blocks.errors(configuration(variables=(*at_most, Variable("D"))), of)
    assert error == FieldError("variables", "at most 64 variables, these are 65, those of the block included")


@pytest.mark.parametrize(
    ("of", "ref", "run"),
    [(block(), Ref(branch="main"), RunOnce()), (SERVICE, Ref(branch="main"), None), (OF_IMAGE, None, RunOnce())],
)
def test_what_is_left_open_is_filled_in(of, ref, run):
    filled = configured_blocks.with_defaults(configuration(), of)
    assert (filled.ref, filled.run) == (ref, run)


def test_a_job_added_without_a_run_mode_runs_once_before_the_deployment():
    assert RunOnce() == RunOnce(phase="pre_deployment", order=0, run_on_rollback=False)


def test_what_was_said_stays():
    told = configuration(ref=Ref(tag="v1"), run=NIGHTLY)
    assert configured_blocks.with_defaults(told, block()) == told


def test_a_schedule_is_told_from_a_namesake_by_its_id():
    one, other = configured(), configured(uid="d" * 26)
    assert configured_blocks.schedule_id(one) == f"{'e' * 26}.{'c' * 26}.migrate"
    assert configured_blocks.schedule_id(one) != configured_blocks.schedule_id(other)


@pytest.mark.parametrize(("run", "schedule"), [(RunOnce(), None), (None, None), (NIGHTLY, NIGHTLY)])
def test_only_a_repeating_job_has_a_schedule(run, schedule):
    assert configured(configuration=configuration(run=run)).schedule == schedule


@pytest.mark.parametrize("ref", [Ref(branch="main"), Ref(tag="v1"), Ref(commit=COMMIT)])
def test_a_ref_is_told_by_what_it_names_alone(ref):
    assert len(msgspec.to_builtins(ref)) == 1


@pytest.mark.parametrize("wrong", ["* * * *", "61 * * * *", "", "every day"])
def test_a_pattern_that_cannot_be_read_is_refused(wrong):
    with pytest.raises(ValueError, match="write"):
        configured_blocks.check_cron(wrong)


@pytest.mark.parametrize("wrong", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "utc2"])
def test_a_zone_that_is_not_there_is_refused(wrong):
    with pytest.raises(ValueError, match="zone"):
        configured_blocks.check_timezone(wrong)
