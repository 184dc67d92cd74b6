"""What allauth's second factors ask of the installation."""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter

from tenants import context, sealing


class SealingAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and seeds of recovery codes are sealed; one of another company does not open."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(sealing.seal(secret=text.encode(), purpose=_purpose())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(sealed=base64.b64decode(encrypted_text), purpose=_purpose()).decode()


def _purpose() -> str:
    return f"second-factor:{context.tenant_id() if context.has_tenant() else 'platform'}"
