from __future__ import annotations

import os
import random
import tempfile

import pytest

from infra.runner.output import LONGEST_LINE, Log, Mask


def masked(secrets, pieces):
    mask = Mask(secrets)
    return b"".join([mask.feed(piece) for piece in pieces] + [mask.end()])


def logged(pieces, secrets=()):
    with tempfile.TemporaryFile() as file:
        log = Log(file.fileno(), secrets)
        for piece in pieces:
            log.write(piece)
        log.end()
        file.seek(0)
        return file.read()


def test_a_secret_is_replaced_wherever_it_is_cut():
    text = b"before hunter2 after, hunter2hunter2."
    for cut in range(len(text) + 1):
        for second in range(cut, len(text) + 1):
            assert masked(["hunter2"], [text[:cut], text[cut:second], text[second:]]) == b"before *** after, ******."


def test_a_secret_of_several_lines_is_replaced_as_a_whole():
    assert masked(["one\ntwo\n"], [b"x one\n", b"two", b"\n y"]) == b"x *** y"


def test_a_long_line_of_a_secret_is_replaced_also_on_its_own():
    assert masked(["first-line\nsecond\n"], [b"> first-line\n> second\n"]) == b"> ***\n> second\n"


def test_a_secret_whose_line_feeds_became_carriage_returns_is_replaced_too():
    assert masked(["one\ntwo"], [b"one\r\ntwo"]) == b"***"


def test_the_beginning_of_a_secret_that_does_not_go_on_is_shown():
    assert masked(["secret"], [b"a secre", b"tariat and a sec"]) == b"a ***ariat and a sec"
    assert masked(["secret"], [b"sec", b"ond"]) == b"second"


def test_of_secrets_with_the_same_beginning_the_longest_is_replaced():
    assert masked(["abc", "abcdef"], [b"abc", b"def abc", b"d"]) == b"*** ***d"


def test_nothing_is_masked_without_secrets_and_an_empty_one_is_none():
    assert masked([], [b"abc"]) == b"abc"
    assert masked([""], [b"abc"]) == b"abc"


def test_pieces_of_any_size_give_what_the_whole_gives():
    chance = random.Random(7)
    for _ in range(300):
        secrets = ["".join(chance.choices("ab\n", k=chance.randint(1, 5))) for _ in range(chance.randint(1, 3))]
        text = "".join(chance.choices("abc\n", k=60)).encode()
        pieces, rest = [], text
        while rest:
            size = chance.randint(1, 9)
            pieces.append(rest[:size])
            rest = rest[size:]
        shown = masked(secrets, pieces)
        assert shown == masked(secrets, [text])
        assert not any(secret.encode() in shown for secret in secrets)


def test_a_line_is_written_when_it_is_complete_and_the_last_one_at_the_end():
    reading, writing = os.pipe()
    log = Log(writing)
    log.write(b"one\ntw")
    assert os.read(reading, 100) == b"one\n"
    log.write(b"o")
    log.end()
    assert os.read(reading, 100) == b"two\n"
    os.close(reading)
    os.close(writing)


def test_a_line_that_is_too_long_is_cut_but_no_character_is():
    text = "ä" * LONGEST_LINE
    lines = logged([text.encode()[at : at + 1000] for at in range(0, 2 * LONGEST_LINE, 1000)]).decode().splitlines()
    assert "".join(lines) == text
    assert max(len(line.encode()) for line in lines) <= LONGEST_LINE


def test_what_is_not_utf_8_is_replaced():
    assert logged([b"caf\xe9 \xff\n"]).decode() == "caf\ufffd \ufffd\n"


@pytest.mark.parametrize("text", [b"", b"\n", b"a\n\nb\n"])
def test_empty_lines_stay(text):
    assert logged([text]) == text


def test_a_sentence_outside_the_log_is_masked_too():
    assert Log(1, ["hunter2"]).clean("it said hunter2") == "it said ***"
