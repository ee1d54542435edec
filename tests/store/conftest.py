"""A table of each module's own, names that nothing else has, and several threads at once."""

from __future__ import annotations

import itertools
import threading

import pytest

_numbers = itertools.count()


@pytest.fixture(scope="module", autouse=True)
def embedded(embed):
    """The table alone: making the rest takes longer than these tests."""
    return embed("Table")


@pytest.fixture
def uid():
    """26 characters that no other test has."""
    return f"{next(_numbers):026d}"


@pytest.fixture
def at_once():
    """`at_once(work, ...)`: all of these at the same time; their answers, or what they raised, in order."""

    def run(*work):
        answers = [None] * len(work)
        gate = threading.Barrier(len(work))

        def one(index):
            gate.wait()
            try:
                answers[index] = work[index]()
            except Exception as error:
                answers[index] = error

        threads = [threading.Thread(target=one, args=(index,)) for index in range(len(work))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    return run
