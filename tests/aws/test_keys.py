from __future__ import annotations

import base64

import pytest
from botocore.exceptions import ClientError

from chalicelib.aws import keys


@pytest.fixture(scope="module")
def key(embed):
    return embed("Key", "KeyAlias").settings.key


@pytest.mark.parametrize("text", ["", "secret", "é\n\x00", "x" * 4000, "x" * 4001, "é" * 30_000])
def test_what_is_encrypted_is_decrypted(key, text):
    pieces = keys.encrypt(key, text, {"owner": "a"})
    assert keys.decrypt(key, pieces, {"owner": "a"}) == text
    assert all(len(base64.b64decode(piece)) < 6144 for piece in pieces)


def test_another_owner_cannot_decrypt_it(key):
    pieces = keys.encrypt(key, "secret", {"owner": "a"})
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        keys.decrypt(key, pieces, {"owner": "b"})


def test_the_text_is_not_in_the_pieces(key):
    assert b"secret" not in base64.b64decode(keys.encrypt(key, "secret", {"owner": "a"})[0])
