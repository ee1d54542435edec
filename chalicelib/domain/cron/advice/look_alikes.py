"""Characters that look like those of a pattern, or like nothing at all, mapped back to plain ones."""

from __future__ import annotations

import unicodedata

_SIGNS = {
    "-": "−",
    "*": "∗＊﹡٭⁎✱✳",
    "/": "⁄∕／╱",
    ",": "，、‚﹐،",
    "?": "？﹖",
    "#": "＃﹟",
    "'": "‘’‛＇`´",
    '"': "“”„‟＂«»‹›",
    # Cyrillic and Greek capitals that MON, THU, OCT and the others are typed with.
    "A": "АΑ",
    "B": "ВΒ",
    "C": "С",
    "E": "ЕΕ",
    "H": "НΗ",
    "J": "Ј",
    "M": "МΜ",
    "N": "Ν",
    "O": "ОΟ",
    "P": "РΡ",
    "S": "Ѕ",
    "T": "ТΤ",
    "U": "Ս",
    "Y": "ҮΥ",
}
_PLAIN = {ord(other): sign for sign, others in _SIGNS.items() for other in others}
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")
_EMOJI = {0xFE0E, 0xFE0F, 0x20E3}  # they turn `*` and digits into pictures


def plain(text: str) -> str:
    """Return the text with look-alikes replaced, invisible characters left out and any blank as a space."""
    return "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    if char.isascii() and char.isprintable():
        return char
    if char.isspace():
        return " "
    if is_invisible(char):
        return ""
    if ord(char) in _PLAIN:
        return _PLAIN[ord(char)]
    if unicodedata.category(char) == "Pd":
        return "-"
    if 0xFF01 <= ord(char) <= 0xFF5E:  # the fullwidth forms of ASCII
        return chr(ord(char) - 0xFEE0)
    return str(unicodedata.decimal(char, char))


def is_invisible(char: str) -> bool:
    """Whether a character shows nothing and is no blank either."""
    return ord(char) in _EMOJI or (unicodedata.category(char) in _INVISIBLE and not char.isspace())


def visible(text: str) -> str:
    """Return the text with what can't be seen written as its number; line ends and tabs are blanks."""
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char in "\t\r\n":
        return " "
    return f"<U+{ord(char):04X}>" if char != " " and (char.isspace() or is_invisible(char)) else char


def named(text: str) -> str:
    """Name the first character that is not a plain one, such as `U+2013 (en dash)`."""
    char = next(char for char in text if _plain(char) != char or not char.isascii())
    name = unicodedata.name(char, "").lower()
    return f"U+{ord(char):04X}" + (f" ({name})" if name else "")
