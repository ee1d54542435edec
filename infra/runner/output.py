"""The log of a build: whole lines, secrets replaced before anything is written."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable

LONGEST_LINE = 64 * 1024
TELLING_LINE = 8
HIDDEN = b"***"


class Mask:
    """Replaces secrets in a stream, also where one lies across two pieces of it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        values = {secret.encode("utf-8", "surrogateescape") for secret in secrets if secret}
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
    """Writes masked, whole lines of UTF-8 to a descriptor and remembers the last of them."""

    def __init__(self, descriptor: int, secrets: Iterable[str] = ()) -> None:
        self._descriptor = descriptor
        self._secrets = list(secrets)
        self._mask = Mask(self._secrets)
        self._partial = b""
        self.last: deque[str] = deque(maxlen=20)

    def write(self, data: bytes) -> None:
        """Takes output as it comes; a line is written once it is complete."""
        self._lines(self._partial + self._mask.feed(data))

    def end(self) -> None:
        """Ends what one process said: a last line without its line feed is written too."""
        rest = self._partial + self._mask.end()
        self._lines(rest + b"\n" if rest and not rest.endswith(b"\n") else rest)
        self._mask = Mask(self._secrets)

    def say(self, text: str) -> None:
        """A line of the runner's own."""
        self.write(text.encode("utf-8", "replace") + b"\n")
        self.end()

    def clean(self, text: str) -> str:
        """A text without secrets, for a sentence outside the log."""
        mask = Mask(self._secrets)
        data = text.encode("utf-8", "replace")
        return (mask.feed(data) + mask.end()).decode("utf-8", "replace")

    def _lines(self, data: bytes) -> None:
        *lines, self._partial = data.split(b"\n")
        pieces = [piece for line in lines for piece in _pieces(line)]
        while len(self._partial) > LONGEST_LINE:
            piece, self._partial = _cut(self._partial)
            pieces.append(piece)
        texts = [piece.decode("utf-8", "replace") for piece in pieces]
        self.last.extend(texts)
        _write_all(self._descriptor, "".join(text + "\n" for text in texts).encode())


def _pieces(line: bytes) -> list[bytes]:
    pieces = []
    while len(line) > LONGEST_LINE:
        piece, line = _cut(line)
        pieces.append(piece)
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
