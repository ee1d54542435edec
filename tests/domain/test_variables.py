from __future__ import annotations

import pytest

from chalicelib.domain import variables
from chalicelib.domain.variables import Variable

LONG = "x" * variables.MOST_BYTES


def told(found):
    return [(error.field, error.message) for error in found]


def test_a_list_without_faults_has_no_errors():
    assert variables.errors([Variable("A", "1"), Variable("B"), Variable("C", LONG)]) == []


def test_a_name_that_is_there_twice_is_told_where():
    found = variables.errors([Variable("A", "1"), Variable("B"), Variable("A", "2"), Variable("A", "3")])
    assert told(found) == [
        ("variables[2].name", "A is there twice; keep one of them"),
        ("variables[3].name", "A is there twice; keep one of them"),
    ]


def test_names_differ_by_case():
    assert variables.errors([Variable("a", "1"), Variable("A", "1")]) == []


def test_there_are_at_most_64():
    assert variables.errors([Variable(f"V{n}") for n in range(64)]) == []
    assert told(variables.errors([Variable(f"V{n}") for n in range(65)])) == [
        ("variables", "at most 64 variables, these are 65")
    ]


def test_they_have_at_most_32_kilobytes_together():
    assert variables.errors([Variable(f"V{n}", LONG) for n in range(8)]) == []
    found = variables.errors([*(Variable(f"V{n}", LONG) for n in range(8)), Variable("Z", "é")])
    assert told(found) == [("variables", "at most 32768 bytes together, these are 32770")]


def test_all_that_is_wrong_is_told_at_once():
    assert len(variables.errors([Variable("A", LONG) for _ in range(65)])) == 66


@pytest.mark.parametrize("name", ["KINTO_", "KINTO_RUN_ID"])
def test_names_of_ours_are_refused(name):
    with pytest.raises(ValueError, match="choose another"):
        variables.check_name(name)


@pytest.mark.parametrize("name", ["KINTO", "kinto_run", "MY_KINTO_"])
def test_names_like_ours_are_taken(name):
    variables.check_name(name)


def test_a_value_is_counted_in_bytes():
    variables.check_value("é" * 2048)
    with pytest.raises(ValueError, match="at most 4096 bytes, these are 4098"):
        variables.check_value("é" * 2049)


@pytest.mark.parametrize(
    ("default", "override", "result"),
    [
        (Variable("A", "1"), Variable("A", "2"), Variable("A", "2")),
        (Variable("A", "1"), Variable("A"), Variable("A", "1")),
        (Variable("A", "1"), Variable("A", ""), Variable("A", "")),
        (Variable("A", required=True), Variable("A", "2"), Variable("A", "2", required=True)),
        (Variable("A", "1"), Variable("A", required=True), Variable("A", "1", required=True)),
        (Variable("A", masked=True), Variable("A", "2"), Variable("A", "2", masked=True)),
        (Variable("A", "1"), Variable("A", masked=True), Variable("A", "1", masked=True)),
    ],
)
def test_an_override_lies_over_the_default(default, override, result):
    assert variables.merged([default], [override]) == (result,)


def test_what_is_in_one_list_only_stays_and_defaults_come_first():
    merged = variables.merged([Variable("A", "1"), Variable("B", "2")], [Variable("C", "3"), Variable("A", "4")])
    assert merged == (Variable("A", "4"), Variable("B", "2"), Variable("C", "3"))


def test_plain_are_those_with_a_value_that_are_not_masked():
    values = [Variable("A", "1"), Variable("B"), Variable("C", ""), Variable("S", "secret", masked=True)]
    assert variables.plain(values) == {"A": "1", "C": ""}


@pytest.mark.parametrize(
    ("variable", "masked", "missing"),
    [
        (Variable("A"), [], False),
        (Variable("A", required=True), [], True),
        (Variable("A", "", required=True), [], True),
        (Variable("A", "1", required=True), [], False),
        (Variable("A", required=True), ["A"], True),
        (Variable("A", required=True, masked=True), [], True),
        (Variable("A", required=True, masked=True), ["A"], False),
        (Variable("A", required=True, masked=True), ["B"], True),
    ],
)
def test_a_required_variable_without_a_value_is_unset(variable, masked, missing):
    assert variables.unset([variable], masked) == (["A"] if missing else [])


def test_values_of_masked_ones_go_one_way_and_the_rest_another():
    values = [Variable("A", "1"), Variable("S", "secret", masked=True), Variable("T", masked=True)]
    assert variables.masked_values(values) == {"S": "secret"}
    assert variables.without_masked_values(values) == (
        Variable("A", "1"), Variable("S", masked=True), Variable("T", masked=True),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "stays"),
    [
        (Variable("S", masked=True), True),
        (Variable("S", "new", masked=True), False),
        (Variable("S"), False),
        (Variable("T", masked=True), False),
    ],
)
def test_a_stored_masked_value_stays_where_it_is_still_named_and_not_given_anew(variable, stays):
    assert variables.kept({"S": "stamp"}, [variable]) == ({"S": "stamp"} if stays else {})
