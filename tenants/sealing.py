"""Authenticated encryption of small secrets under the installation's SECRET_KEY (AES-256-GCM of cryptography)."""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE_BYTES = 12  # the length NIST SP 800-38D recommends for GCM


class WrongSealingKey(RuntimeError):
    """A sealed value cannot be opened: SECRET_KEY changed, or the value was altered."""


def seal(*, secret: bytes, purpose: str) -> bytes:
    """Ciphertext of `secret`, bound to `purpose`: a value sealed for one use cannot be opened for another."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_key()).encrypt(nonce, secret, purpose.encode())


def unseal(*, sealed: bytes, purpose: str) -> bytes:
    """The secret.

    :raises WrongSealingKey: when key, purpose or content do not fit.
    """
    sealed = bytes(sealed)
    try:
        return AESGCM(_key()).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise WrongSealingKey(f"a value sealed for {purpose!r} cannot be opened; was SECRET_KEY changed?") from error


def _key() -> bytes:
    return hashlib.sha256(b"ragsite.sealing:" + settings.SECRET_KEY.encode()).digest()
