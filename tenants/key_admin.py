"""Signing keys in the operator's console: their state, their age, what each is used for, and how one is replaced."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit.actions import confirmed
from audit.console import ReadOnlyAdmin, audit_url, badge
from tenants import rotation
from tenants.console import PlatformOnly
from tenants.models import SigningKey

State = SigningKey.State
_TONES = {State.ACTIVE: "good", State.NEXT: "waiting", State.GRACE: "working", State.REVOKED: "bad"}
_USES = {
    State.ACTIVE: "Signs all new tokens",
    State.NEXT: "Known to every process already; signs after the next rotation",
    State.GRACE: "Signs nothing; its tokens count until they end",
    State.REVOKED: "Nothing it signed counts; its secret is destroyed",
}


@admin.register(SigningKey)
class SigningKeyAdmin(PlatformOnly, ReadOnlyAdmin):
    """Which keys sign and verify tokens. Their secrets appear nowhere."""

    empty_text = "The first key is made with the first token that a program asks for, and then each 90 days."
    list_display = ["state_badge", "kid", "use", "age", "grace_until", "revoked_reason"]
    list_display_links = ["kid"]
    list_filter = ["state"]
    search_fields = ["=kid"]
    ordering = ["-created_at", "pk"]
    actions_detail = ["rotate", "rotate_in_emergency", "revoke_key"]
    fields = [
        "state_badge",
        "kid",
        "use",
        "age",
        "algorithm",
        "created",
        "activated",
        "grace_until",
        "revoked",
        "revoked_reason",
        "audit_trail",
    ]
    readonly_fields = fields

    def audit_target(self, obj: Any) -> str:
        return f"key:{obj.kid}"

    @display(description="State", ordering="state")
    def state_badge(self, key: SigningKey) -> SafeString:
        return badge(text=key.get_state_display(), tone=_TONES.get(State(key.state), "muted"))

    @display(description="Used for")
    def use(self, key: SigningKey) -> str:
        return _USES[State(key.state)]

    @display(description="Has signed for", ordering="activated_at")
    def age(self, key: SigningKey) -> SafeString | str:
        if key.state != State.ACTIVE:
            return "–"
        days = (timezone.now() - (key.activated_at or key.created_at)) // timedelta(days=1)
        due = settings.JWT_ROTATION_DAYS
        tone = "bad" if due and days > due else "good"
        hint = f"Rotated by itself after {due} days." if due else "Rotated by hand only (JWT_ROTATION_DAYS=0)."
        return badge(text=f"{days} day{'' if days == 1 else 's'}", tone=tone, title=hint)

    @display(description="Made", ordering="created_at")
    def created(self, key: SigningKey) -> SafeString | str:
        return markup.when(key.created_at)

    @display(description="Became active")
    def activated(self, key: SigningKey) -> SafeString | str:
        return markup.when(key.activated_at)

    @display(description="Revoked")
    def revoked(self, key: SigningKey) -> SafeString | str:
        return markup.when(key.revoked_at)

    @display(description="Audit log")
    def audit_trail(self, key: SigningKey) -> SafeString:
        return markup.link("What was done to this key", audit_url(self.audit_target(key)))

    @confirmed(
        description="Rotate",
        consequence="The next key signs from now on. Nobody notices: what this one signed counts until it ends, "
        "and it is retired by itself.",
        verb="signing_key.rotate",
        permission="view",
        button="Rotate",
        done="Rotated",
        icon="autorenew",
        step_up=True,
        refusals=(rotation.RotatedMeanwhile,),
        available=lambda key: key.state == State.ACTIVE,
    )
    def rotate(self, request: HttpRequest, key: SigningKey, *, reason: str) -> None:
        done = rotation.rotate(reason=reason)
        messages.info(request, f"{done.kid} signs from now on.")

    @confirmed(
        description="Emergency: revoke all keys",
        consequence="For a key that others may know. Every key is revoked at once, and every access and refresh token "
        "of every company ends. People sign in to the API anew; browsers stay signed in. It cannot be undone.",
        verb="signing_key.rotate",
        permission="view",
        button="Revoke all and sign with a fresh key",
        done="Revoked",
        icon="e911_emergency",
        danger=True,
        available=lambda key: key.state == State.ACTIVE,
    )
    def rotate_in_emergency(self, request: HttpRequest, key: SigningKey, *, reason: str) -> None:
        done = rotation.rotate_in_emergency(reason=reason)
        messages.info(request, f"Tokens of {done.companies_cut_off} companies ended. {done.kid} signs from now on.")

    @confirmed(
        description="Revoke",
        consequence="Nothing that this key signed counts any more, from the very next request on. It cannot be undone.",
        verb="signing_key.revoke",
        permission="view",
        button="Revoke",
        done="Revoked",
        icon="key_off",
        danger=True,
        refusals=(rotation.KeySigns, rotation.KeyRevoked, rotation.NoSuchKey),
        available=lambda key: key.state in (State.NEXT, State.GRACE),
    )
    def revoke_key(self, request: HttpRequest, key: SigningKey, *, reason: str) -> None:
        rotation.revoke_key(kid=key.kid, reason=reason)
