from __future__ import annotations

import pytest

from infra.local.persistence.keys import id_of

CONTEXT = {"run": "r"}


def encrypted(machine, key, text=b"hush"):
    asked = {"KeyId": key, "Plaintext": text, "EncryptionContext": CONTEXT}
    return machine.client("kms").encrypt(**asked)["CiphertextBlob"]


def decrypted(machine, blob, context=None):
    return machine.client("kms").decrypt(CiphertextBlob=blob, EncryptionContext=context or CONTEXT)["Plaintext"]


def a_key(machine, description=""):
    key = machine.client("kms").create_key(Description=description)["KeyMetadata"]["KeyId"]
    machine.client("kms").create_alias(AliasName="alias/a", TargetKeyId=key)
    return key


def test_what_was_encrypted_before_a_restart_is_decrypted_after_it(machine):
    key = a_key(machine)
    blob = encrypted(machine, "alias/a")
    for _ in range(2):
        machine.restart()
        assert decrypted(machine, blob) == b"hush"
        assert machine.client("kms").describe_key(KeyId="alias/a")["KeyMetadata"]["KeyId"] == key
        assert decrypted(machine, encrypted(machine, "alias/a")) == b"hush"


def test_the_encryption_context_still_counts(machine):
    a_key(machine)
    blob = encrypted(machine, "alias/a")
    machine.restart()
    client = machine.client("kms")
    with pytest.raises(client.exceptions.InvalidCiphertextException):
        decrypted(machine, blob, {"run": "other"})


def test_a_described_key_has_the_same_id_at_every_start(machine):
    assert a_key(machine, "the stack's") == id_of("the stack's")


def test_keys_of_the_same_description_are_two(machine):
    client = machine.client("kms")
    ids = {client.create_key(Description="d")["KeyMetadata"]["KeyId"] for _ in range(2)}
    assert len(ids) == 2
    machine.restart()
    assert {key["KeyId"] for key in machine.client("kms").list_keys()["Keys"]} == ids


def test_what_an_hmac_key_makes_is_the_same_after_a_restart(machine):
    def mac(message=b"m"):
        asked = {"KeyId": key, "Message": message, "MacAlgorithm": "HMAC_SHA_256"}
        return machine.client("kms").generate_mac(**asked)["Mac"]

    made = machine.client("kms").create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    key = made["KeyMetadata"]["KeyId"]
    before = mac()
    assert len(before) == 32
    assert mac(b"n") != before
    for _ in range(2):
        machine.restart()
        assert mac() == before
