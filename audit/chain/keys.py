"""Keys of the audit chain: derived from AUDIT_CHAIN_KEY, which is never in the database and in no SQL text.

Whoever holds the key can make a log that verifies; whoever only holds the database cannot.
"""

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

KEY_ID_BYTES = 8
_SECRET_BYTES = 32


class NoChainKey(RuntimeError):
    """No AUDIT_CHAIN_KEY is configured: nothing can be recorded, so nothing audited can be done."""


class UnknownChainKey(RuntimeError):
    """Something was hashed or signed under a key that this installation does not hold."""


@dataclass(frozen=True)
class ChainKey:
    """One key. `key_id` stands in front of each hash, `secret` makes the hashes, `seed` signs (Ed25519)."""

    key_id: bytes
    secret: bytes
    seed: bytes

    def __repr__(self) -> str:
        return f"ChainKey({self.key_id.hex()})"  # never the secret, in no log and no traceback

    @functools.cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> str:
        """The public half of the signing key, hexadecimal: who holds it can verify signatures and make none."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, *, content: bytes, purpose: str) -> str:
        """A signature, hexadecimal, that is good for this purpose only."""
        return self._private.sign(_bound(content, purpose)).hex()


def current() -> ChainKey:
    """The key under which rows are hashed now.

    :raises NoChainKey: when none is configured.
    """
    if not settings.AUDIT_CHAIN_KEY:
        raise NoChainKey("AUDIT_CHAIN_KEY is not set: the audit log can be neither written nor verified")
    return derived(settings.AUDIT_CHAIN_KEY)


def known() -> Mapping[bytes, ChainKey]:
    """Every configured key by its id: the current one, and those of AUDIT_CHAIN_KEYS_OLD.

    :raises NoChainKey: when none is configured.
    """
    found = [current(), *(derived(text) for text in settings.AUDIT_CHAIN_KEYS_OLD)]
    return {key.key_id: key for key in found}


@functools.lru_cache(maxsize=16)
def derived(text: str) -> ChainKey:
    """HKDF (RFC 5869), so that a text of any length gives keys of the right one; the id is a digest of the secret."""
    secret, seed = (
        HKDF(algorithm=SHA256(), length=_SECRET_BYTES, salt=None, info=info).derive(text.encode())
        for info in (b"ragsite.audit.chain", b"ragsite.audit.signature")
    )
    key_id = hashlib.sha256(b"ragsite.audit.key-id:" + secret).digest()[:KEY_ID_BYTES]
    return ChainKey(key_id=key_id, secret=secret, seed=seed)


def is_signed(*, content: bytes, purpose: str, signature: str, public: str) -> bool:
    """Whether the signature is of this content, for this purpose, by the holder of this public key's other half."""
    try:
        given = bytes.fromhex(signature)
        if given.hex() != signature:
            return False  # other letters for the same signature: not what was written
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(given, _bound(content, purpose))
    except (ValueError, InvalidSignature):
        return False
    return True


def _bound(content: bytes, purpose: str) -> bytes:
    return f"ragsite.audit.{purpose}\n".encode() + content
