"""Second factors of a login: which there are, setting up, using, removing. Each change writes its audit row with it."""

import base64
import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import decrypt, encrypt
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from audit import services as audit
from hr.signin import codes, marks, passkeys, people

_NEW_APP = "signin_new_app"
Type = Authenticator.Type
# Recovery codes stand in when a factor is lost; by themselves they are none.
_FACTORS = (Type.TOTP, Type.WEBAUTHN)
# A list longer than this is somebody's script.
MAX_PASSKEYS = 10
MAX_NAME_CHARS = 60
# Recovery codes are longer (MFA_RECOVERY_CODE_DIGITS), so that the one field for both tells them apart.
_APP_DIGITS = 6


class WrongCode(ValueError):
    """The code is wrong, was used before, or there were too many wrong ones: nothing tells which."""


class LastFactor(ValueError):
    """Without this factor the person would have none, and needs one."""


class TooManyPasskeys(ValueError):
    """The person has as many passkeys as anybody may have."""


class NoFactor(LookupError):
    """There is no such factor of this person."""


@dataclass(frozen=True)
class Passkey:
    """One passkey, as its owner sees it."""

    factor_id: int
    name: str
    host: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class Overview:
    """What somebody has set up. `app_id` is the factor's id, None without an app."""

    app_id: int | None
    passkeys: tuple[Passkey, ...]
    codes_left: int

    @property
    def is_on(self) -> bool:
        return self.app_id is not None or bool(self.passkeys)


@dataclass(frozen=True)
class NewApp:
    """What a person types or scans into an authenticator app. `picture` is a `data:` address of a QR code."""

    secret: str
    uri: str
    picture: str


def has_any(user: User) -> bool:
    """Whether the person is asked for a second factor at sign-in. One query."""
    return Authenticator.objects.filter(user=user, type__in=_FACTORS).exists()


def overview(user: User) -> Overview:
    """One query."""
    rows = list(Authenticator.objects.filter(user=user).order_by("pk"))
    return Overview(
        app_id=next((row.pk for row in rows if row.type == Type.TOTP), None),
        passkeys=tuple(_shown(row) for row in rows if row.type == Type.WEBAUTHN),
        codes_left=sum(len(RecoveryCodes(row).get_unused_codes()) for row in rows if row.type == Type.RECOVERY_CODES),
    )


def new_app(request: HttpRequest, *, user: User, issuer: str) -> NewApp:
    """A secret for an authenticator app, the same until it is proved or the session ends. It is sealed there, too."""
    stored = request.session.get(_NEW_APP)
    if stored is None:
        stored = request.session[_NEW_APP] = encrypt(codes.generate_totp_secret())
    secret = decrypt(stored)
    adapter = get_adapter()
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    uri = f"otpauth://totp/{quote(f'{issuer}:{user.username}')}?{query}"
    return NewApp(secret=secret, uri=uri, picture=_image_address(adapter.build_totp_svg(uri)))


def _image_address(svg: str) -> str:
    """As an image it needs no trust in the markup, which a page's own SVG would."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def add_app(request: HttpRequest, *, user: User, code: str) -> tuple[str, ...]:
    """Set up the app whose secret this session was shown, when its code is right. The new recovery codes, if any.

    :raises WrongCode: when it is not, or no secret was shown.
    """
    secret = request.session.get(_NEW_APP)
    counter = codes.counter_of(secret=decrypt(secret), code=code, now=time.time()) if secret else None
    if counter is None:
        raise WrongCode
    with transaction.atomic():
        _lock(user)
        # A new app takes the place of the former one, whose codes are good until this moment.
        Authenticator.objects.filter(user=user, type=Type.TOTP).delete()
        codes.activate(user=user, secret=decrypt(secret), counter=counter)
        made = _first_recovery_codes(user)
        audit.record(verb="second_factor.add", target=people.actor_of(user).label, details={"kind": "app"})
    del request.session[_NEW_APP]
    marks.mark_signed_in(request, second_factor=True)
    return made


def add_passkey(request: HttpRequest, *, user: User, answer: str, name: str) -> tuple[str, ...]:
    """Keep the passkey that the browser made. The new recovery codes, if there were none.

    :raises passkeys.PasskeyRefused: after the refusal was recorded.
    :raises TooManyPasskeys: when there are enough.
    """
    label = people.actor_of(user).label
    try:
        with transaction.atomic():
            _lock(user)
            if Authenticator.objects.filter(user=user, type=Type.WEBAUTHN).count() >= MAX_PASSKEYS:
                raise TooManyPasskeys(f"At most {MAX_PASSKEYS} passkeys: remove one first.")
            passkeys.complete_registration(request, user=user, answer=answer, name=name or "Passkey")
            made = _first_recovery_codes(user)
            audit.record(verb="second_factor.add", target=label, details={"kind": "passkey"})
    except passkeys.PasskeyRefused as error:
        audit.record_refusal(verb="second_factor.add", target=label, reason=error.reason)
        raise
    marks.mark_signed_in(request, second_factor=True)
    return made


def new_recovery_codes(*, user: User) -> tuple[str, ...]:
    """Ten new codes; the former ones are good no longer.

    :raises NoFactor: for somebody who has no factor that they could stand in for.
    """
    with transaction.atomic():
        _lock(user)
        if not has_any(user):
            raise NoFactor
        Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
        made = _first_recovery_codes(user)
        audit.record(verb="second_factor.new_codes", target=people.actor_of(user).label)
    return made


def remove(*, user: User, factor_id: int) -> None:
    """Remove one factor; with the last one go the recovery codes.

    :raises NoFactor: when it is none of theirs.
    :raises LastFactor: when it is the last one of somebody who needs one.
    """
    with transaction.atomic():
        _lock(user)
        own = Authenticator.objects.filter(user=user, type__in=_FACTORS)
        row = own.filter(pk=factor_id).first()
        if row is None:
            raise NoFactor
        is_last = not own.exclude(pk=row.pk).exists()
        if is_last and people.needs_second_factor(user):
            raise LastFactor("A second step is required for you: set up another one first.")
        row.delete()
        if is_last:
            Authenticator.objects.filter(user=user).delete()
        kind = "app" if row.type == Type.TOTP else "passkey"
        audit.record(verb="second_factor.remove", target=people.actor_of(user).label, details={"kind": kind})


def remove_all(*, user: User, reason: str) -> int:
    """For somebody who lost everything: how many rows went. Inside the caller's transaction or one of its own."""
    with transaction.atomic():
        _lock(user)
        count, _ = Authenticator.objects.filter(user=user).delete()
        if not count:
            return 0
        audit.record(
            verb="second_factor.reset",
            target=people.actor_of(user).label,
            reason=reason,
            details={"rows": count},
        )
    return count


def check_code(*, user: User, code: str) -> str | None:
    """Which kind of code this was, `app` or `recovery_code`; None when it is no good one. Uses it up."""
    typed = codes.normalize_user_code(code)
    if not (typed.isascii() and typed.isdigit()):
        return None
    rows = {row.type: row for row in Authenticator.objects.filter(user=user).exclude(type=Type.WEBAUTHN)}
    if len(typed) == _APP_DIGITS:
        app = rows.get(Type.TOTP)
        return "app" if app is not None and codes.check(factor=app, code=typed) else None
    kept = rows.get(Type.RECOVERY_CODES)
    return "recovery_code" if kept is not None and RecoveryCodes(kept).validate_code(typed) else None


def _first_recovery_codes(user: User) -> tuple[str, ...]:
    if Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).exists():
        return ()
    return tuple(RecoveryCodes.activate(user).generate_codes())


def _lock(user: User) -> None:
    """Two clicks at once take turns."""
    list(User.objects.select_for_update().filter(pk=user.pk).values_list("pk"))


def _shown(row: Authenticator) -> Passkey:
    return Passkey(
        factor_id=row.pk,
        name=row.data.get("name", ""),
        host=row.data.get("rp_id", ""),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
