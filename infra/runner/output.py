"""The log of a build: whole lines, secrets replaced before anything is written, and no more of it than a log holds."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable

# What one step of a build writes at most; the end of what is left out is told all the same.
MOST_BYTES = 32 * 1024 * 1024
MOST_LINES = 100_000
LAST_LINES = 20
LONGEST_LINE = 64 * 1024
CUT = b"\xe2\x80\xa6"
TELLING_LINE = 8
HIDDEN = b"***"
# JSON needs six letters for each of these: a page of them would be more than an answer can be.
CONTROLS = bytes.maketrans(bytes({*range(32), 127} - {*b"\t\n\r\x1b"}), b"?" * 29)
ESCAPE = b"\x1b"
# How CodeBuild begins its own lines, which are told to nobody (chalicelib/aws/logs.py).
OF_CODEBUILD = b"[Container] "


class Mask:
    """Replaces secrets in a stream, also where one lies across two pieces of it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        values = {secret.encode("utf-8", "surrogateescape") for secret in secrets if secret}
        # A shell drops what was pasted along with a value: the line end, a space.
        values |= {value.strip() for value in values if value.strip()}
        # Of a value of several lines (a key in PEM) each is as secret as the whole, once it is long enough to tell.
        several = [value for value in values if b"\n" in value]
        values |= {line for value in several for line in value.splitlines() if len(line) >= TELLING_LINE}
        # A terminal-minded tool turns \n into \r\n; the value is as secret with it.
        values |= {value.replace(b"\n", b"\r\n") for value in values if b"\n" in value and b"\r\n" not in value}
        self._secrets = sorted(values, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(re.escape(secret) for secret in self._secrets))
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """The part of what came so far that can be shown; the beginning of a secret is held back."""
        if not self._secrets:
            return data
        data = self._held + data
        safe = min(self._beginning(data, secret) for secret in self._secrets)
        shown: list[bytes] = []
        at = 0
        for match in self._pattern.finditer(data):
            if match.start() >= safe:
                break
            shown += (data[at : match.start()], HIDDEN)
            at = match.end()
        self._held = data[max(at, safe) :]
        return b"".join((*shown, data[at : max(at, safe)]))

    def end(self) -> bytes:
        """What was held back, at the end of the stream."""
        rest, self._held = self._held, b""
        return self._pattern.sub(HIDDEN, rest) if self._secrets else rest

    @staticmethod
    def _beginning(data: bytes, secret: bytes) -> int:
        """Where, at the end of the data, the secret may have begun; the length of the data if nowhere."""
        at = data.find(secret[:1], max(0, len(data) - len(secret) + 1))
        while at != -1 and not secret.startswith(data[at:]):
            at = data.find(secret[:1], at + 1)
        return len(data) if at == -1 else at


class Log:
    """Writes masked, whole lines of UTF-8 to a descriptor, up to a limit, and remembers the last of them."""

    def __init__(
        self, descriptor: int, secrets: Iterable[str] = (), most_bytes: int = MOST_BYTES, most_lines: int = MOST_LINES
    ) -> None:
        self._descriptor = descriptor
        self._secrets = list(secrets)
        self._mask = Mask(self._secrets)
        self._partial = b""
        self._most = (most_bytes, most_lines)
        self._bytes, self._lines = most_bytes, most_lines
        self._left_out = 0
        self._tail = b""
        self._full = False
        self.last: deque[str] = deque(maxlen=LAST_LINES)

    def write(self, data: bytes) -> None:
        """Takes output as it comes; a line is written once it is complete."""
        self._take(self._mask.feed(data))

    def end(self) -> None:
        """Ends what one process said: a last line without its line feed is written too."""
        self._take(self._mask.end())
        if self._partial:
            self._take(b"\n")
        if self._tail:
            self._tell_tail()
        self._mask = Mask(self._secrets)

    def say(self, text: str) -> None:
        """A line of the runner's own; there is room for those always."""
        self.end()
        self._put([self._of(line) for line in self.clean(text).split("\n")])

    def clean(self, text: str) -> str:
        """A text without secrets, for a sentence outside the log."""
        mask = Mask(self._secrets)
        data = text.encode("utf-8", "replace")
        return (mask.feed(data) + mask.end()).decode("utf-8", "replace")

    def _take(self, data: bytes) -> None:
        """Masked output: written while there is room, then only counted, and its end kept."""
        if self._full:
            self._left_out += len(data)
            self._tail = (self._tail + data)[-LONGEST_LINE:]
            return
        *lines, self._partial = (self._partial + data).split(b"\n")
        pieces = [piece for line in lines for piece in _pieces(line)]
        while len(self._partial) > LONGEST_LINE:
            piece, self._partial = _cut(self._partial)
            pieces.append(piece + CUT)
        room = self._room(pieces)
        self._put([_shown(piece) for piece in pieces[:room]])
        if room < len(pieces):
            self._fill(b"".join(piece + b"\n" for piece in pieces[room:]))

    def _room(self, pieces: list[bytes]) -> int:
        """How many of these lines the log still holds."""
        for count, piece in enumerate(pieces):
            if self._lines == 0 or self._bytes < len(piece) + 1:
                return count
            self._lines -= 1
            self._bytes -= len(piece) + 1
        return len(pieces)

    def _fill(self, rest: bytes) -> None:
        most_bytes, most_lines = self._most
        told = f"a log holds {most_bytes:,} bytes and {most_lines:,} lines"
        self._put([f"[{told}: what follows is left out but its end]"])
        self._full, partial, self._partial = True, self._partial, b""
        self._take(rest + partial)

    def _tell_tail(self) -> None:
        """The last lines of what was left out."""
        *lines, _ = (self._tail if self._tail.endswith(b"\n") else self._tail + b"\n").split(b"\n")
        kept = [_shown(line) for line in lines[-LAST_LINES:]]
        self._put([f"[{self._left_out:,} bytes were left out; their end:]", *kept])
        self._left_out, self._tail = 0, b""

    @staticmethod
    def _of(line: str) -> str:
        return _shown(line.encode("utf-8", "replace"))

    def _put(self, texts: list[str]) -> None:
        self.last.extend(texts)
        _write_all(self._descriptor, "".join(text + "\n" for text in texts).encode())


def _shown(line: bytes) -> str:
    """A line as it is written: UTF-8, without what would blow an answer up."""
    line = line.translate(CONTROLS)
    if line.count(ESCAPE) * 4 > len(line):  # no terminal's colours
        line = line.replace(ESCAPE, b"?")
    if line.startswith(OF_CODEBUILD):
        line = b" " + line
    return line.decode("utf-8", "replace")


def _pieces(line: bytes) -> list[bytes]:
    """A long line as several: all but the last end with the mark of a cut."""
    pieces = []
    while len(line) > LONGEST_LINE:
        piece, line = _cut(line)
        pieces.append(piece + CUT)
    return [*pieces, line]


def _cut(line: bytes) -> tuple[bytes, bytes]:
    at = LONGEST_LINE
    while at > LONGEST_LINE - 4 and line[at] & 0xC0 == 0x80:  # not within a character
        at -= 1
    return line[:at], line[at:]


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
