from __future__ import annotations

import os
import random
import tempfile

import pytest

from chalicelib.aws.logs import OF_CODEBUILD
from infra.runner.output import LAST_LINES, LONGEST_LINE, Log, Mask


def masked(secrets, pieces):
    mask = Mask(secrets)
    return b"".join([mask.feed(piece) for piece in pieces] + [mask.end()])


def logged(pieces, secrets=(), **limits):
    with tempfile.TemporaryFile() as file:
        log = Log(file.fileno(), secrets, **limits)
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


@pytest.mark.parametrize("secret", ["hunter2\n", "hunter2\r\n", " hunter2 ", "\thunter2"])
def test_a_secret_is_replaced_also_without_what_is_white_around_it(secret):
    assert masked([secret], [b"<hunt", b"er2>" + secret.encode() + b"."]) == b"<***>***."


def test_a_secret_that_is_white_is_replaced_as_it_is():
    assert masked([" \n"], [b"a \nb c"]) == b"a***b c"


def test_the_beginning_of_a_secret_that_does_not_go_on_is_shown():
    assert masked(["secret"], [b"a secre", b"tariat and a sec"]) == b"a ***ariat and a sec"
    assert masked(["secret"], [b"sec", b"ond"]) == b"second"


def test_of_secrets_with_the_same_beginning_the_longest_is_replaced():
    assert masked(["abc", "abcdef"], [b"abc", b"def abc", b"d"]) == b"*** ***d"


def test_nothing_is_masked_without_secrets_and_an_empty_one_is_none():
    assert masked([], [b"abc"]) == b"abc"
    assert masked([""], [b"abc"]) == b"abc"


def test_what_looks_like_a_line_of_codebuild_is_told_all_the_same():
    shown = logged([b"[Container] 2026/11/22 16:00:00 Phase complete\n[Contai", b"ner] x\na [Container] y"])
    assert shown == b" [Container] 2026/11/22 16:00:00 Phase complete\n [Container] x\na [Container] y\n"
    assert not any(line.startswith(OF_CODEBUILD) for line in shown.decode().splitlines())


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


@pytest.mark.parametrize("size", [1000, 10**9])
def test_a_line_that_is_too_long_is_cut_with_a_mark_but_no_character_is(size):
    text = "ä" * LONGEST_LINE + "\n"
    pieces = [text.encode()[at : at + size] for at in range(0, len(text.encode()), size)]
    lines = logged(pieces).decode().splitlines()
    assert "".join(line.removesuffix("…") for line in lines) == text.strip()
    assert [line.endswith("…") for line in lines] == [True] * (len(lines) - 1) + [False]
    assert max(len(line.removesuffix("…").encode()) for line in lines) <= LONGEST_LINE


def test_a_secret_across_the_cut_of_a_long_line_is_replaced():
    text = b"x" * (LONGEST_LINE - 3) + b"hunter2" + b"y" * 10 + b"\n"
    for size in (7, 1000, LONGEST_LINE - 1, 10**9):
        shown = logged([text[at : at + size] for at in range(0, len(text), size)], ["hunter2"]).decode()
        assert "hunter" not in shown.replace("…\n", "")
        assert "***" in shown.replace("…\n", "")


def test_a_log_holds_so_many_bytes_and_no_more():
    lines = logged([b"0123456789\n" * 10] * 100, most_bytes=110).decode().splitlines()
    assert lines[:10] == ["0123456789"] * 10
    assert "a log holds 110 bytes" in lines[10]
    assert lines[11] == "[10,890 bytes were left out; their end:]"
    assert lines[12:] == ["0123456789"] * LAST_LINES


def test_a_log_holds_so_many_lines_and_no_more():
    text = b"".join(b"%d\n" % number for number in range(1000))
    for size in (1, 7, 10**9):
        lines = logged([text[at : at + size] for at in range(0, len(text), size)], most_lines=5).decode().splitlines()
        assert lines[:5] == ["0", "1", "2", "3", "4"]
        assert len(lines) == 5 + 2 + LAST_LINES
        assert lines[7:] == [str(number) for number in range(1000 - LAST_LINES, 1000)]


def test_what_is_left_out_is_masked_and_its_last_line_needs_no_line_feed():
    shown = logged([b"a\n", b"b\nhun", b"ter2\nlast hunter", b"2"], ["hunter2"], most_lines=1).decode()
    assert shown.splitlines()[0] == "a"
    assert shown.splitlines()[3:] == ["b", "***", "last ***"]


def test_a_line_that_never_ends_is_not_kept_in_memory():
    with tempfile.TemporaryFile() as file:
        log = Log(file.fileno(), most_bytes=200_000)
        for _ in range(1000):
            log.write(b"x" * 65536)
            assert len(log._partial) + len(log._tail) <= 2 * LONGEST_LINE
        log.end()
        assert file.tell() < 200_000 + 2 * LONGEST_LINE


def test_the_runners_own_words_have_room_in_a_full_log():
    with tempfile.TemporaryFile() as file:
        log = Log(file.fileno(), ["hunter2"], most_lines=0)
        log.write(b"x\n")
        log.say("Not started: hunter2")
        file.seek(0)
        assert file.read().decode().splitlines()[-2:] == ["x", "Not started: ***"]
        assert log.last[-1] == "Not started: ***"


def test_control_characters_do_not_blow_an_answer_up():
    assert logged([b"a\x00\x7fb\x1b[31mred\x1b[0m and text\t\r\n" + b"\x1b" * 50 + b"\n"]).decode().split("\n")[:2] == [
        "a??b\x1b[31mred\x1b[0m and text\t\r", "?" * 50,
    ]  # fmt: skip


def test_what_is_not_utf_8_is_replaced():
    assert logged([b"caf\xe9 \xff\n"]).decode() == "caf\ufffd \ufffd\n"


@pytest.mark.parametrize("text", [b"", b"\n", b"a\n\nb\n"])
def test_empty_lines_stay(text):
    assert logged([text]) == text


def test_a_sentence_outside_the_log_is_masked_too():
    assert Log(1, ["hunter2"]).clean("it said hunter2") == "it said ***"
