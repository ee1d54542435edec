"""Why a server's certificate is rejected, by OpenSSL's codes."""

from __future__ import annotations

import ssl

EXPIRED, OTHER_NAME = 10, 62
UNKNOWN_AUTHORITY = (18, 19, 20, 21)
# From X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA to X509_V_ERR_EC_KEY_EXPLICIT_PARAMS: checked only where OpenSSL verifies
# strictly, as Python has it do from 3.13 on. Private authorities that worked for years fail here.
STRICT = range(80, 95)


def rejection(error: BaseException) -> str | None:
    """Explain an error that a rejected certificate caused and say what helps; None for other errors."""
    cause = _cause(error)
    if cause is None:
        return None
    words = cause.verify_message.rstrip(".")
    if cause.verify_code in STRICT:
        return (
            f"its certificate or its authority's does not conform to RFC 5280 ({words}), which Python checks from 3.13 "
            "on; have the authority issue conforming ones, its own included"
        )
    if cause.verify_code == EXPIRED:
        return "its certificate, or its authority's, has expired; renew it"
    if cause.verify_code == OTHER_NAME:
        return (
            "its certificate is for another name; use that name, or have the certificate issued for this one"
        )
    if cause.verify_code in UNKNOWN_AUTHORITY:
        return f"its certificate comes from an authority that is not trusted here ({words}); SSL_CERT_FILE can name one"
    return f"its certificate is rejected ({words})"


def _cause(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """Look through what wraps an error: its causes, and with urllib3 its arguments."""
    waiting, seen = [error], set[int]()
    while waiting:
        candidate = waiting.pop()
        if isinstance(candidate, ssl.SSLCertVerificationError):
            return candidate
        if id(candidate) in seen:
            continue
        seen.add(id(candidate))
        inner = (*candidate.args, candidate.__cause__, candidate.__context__)
        waiting.extend(one for one in inner if isinstance(one, BaseException))
    return None
