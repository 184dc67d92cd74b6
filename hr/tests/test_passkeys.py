"""Passkeys against a small authenticator in software: added, used, copied, replayed, from elsewhere."""

import base64
import hashlib
import json
import os
import re
import struct

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor
from fido2.cose import ES256

from audit.models import AuditLog
from conftest import PASSWORD
from hr.signin import factors
from tenants import context

pytestmark = pytest.mark.django_db
ORIGIN = "http://acme.localhost"
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Key:
    """A security key that holds one credential and counts its uses."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.count = 0

    def create(self, options, *, origin=ORIGIN, host="acme.localhost"):
        public = cbor.encode(dict(ES256.from_cryptography_key(self.private.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        data = self._authenticator_data(host, _PRESENT | _VERIFIED | _ATTESTED) + attested
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client_data("webauthn.create", options, origin)
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(attestation)})

    def get(self, options, *, origin=ORIGIN, host="acme.localhost", count=None):
        self.count = self.count + 1 if count is None else count
        data = self._authenticator_data(host, _PRESENT | _VERIFIED)
        client = self._client_data("webauthn.get", options, origin)
        signed = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signed)}
        )

    def _authenticator_data(self, host, flags):
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client_data(self, kind, options, origin):
        asked = {"type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": False}
        return json.dumps(asked).encode()

    def _answer(self, response):
        return json.dumps(
            {
                "type": "public-key",
                "id": text(self.id),
                "rawId": text(self.id),
                "response": response,
                "clientExtensionResults": {},
            }
        )


@pytest.fixture
def browser():
    return Client(headers={"host": "acme.localhost"})


@pytest.fixture
def key():
    return Key()


def asked(page):
    """What the page asks the browser for."""
    found = re.search(r'<script id="passkey-options" type="application/json">(.*?)</script>', page.content.decode())
    return json.loads(found[1])["publicKey"] if found else None


def first_step(browser, person):
    return browser.post("/sign-in/", {"email": person.email, "password": PASSWORD})


def add(browser, key, **more):
    options = asked(browser.get("/account/security/passkey/"))
    return browser.post("/account/security/passkey/", {"passkey": key.create(options, **more), "name": "Blue key"})


def use(browser, person, key, **more):
    first_step(browser, person)
    options = asked(browser.get("/sign-in/second-step/"))
    return browser.post("/sign-in/second-step/", {"passkey": key.get(options, **more)})


def is_in(browser):
    return browser.get("/").status_code == 200


@pytest.fixture
def with_key(browser, bob, key):
    first_step(browser, bob)
    assert add(browser, key).status_code == 200
    browser.post("/sign-out/")
    return bob


def test_passkey_is_added_and_signs_in(acme, browser, with_key, key):
    with context.enter(acme):
        (row,) = AuditLog.objects.filter(verb="second_factor.add")
        assert (row.actor, row.details) == (with_key.actor_label, {"kind": "passkey"})

    reply = use(browser, with_key, key)

    assert reply.status_code == 302
    assert is_in(browser)
    with context.enter(acme):
        assert AuditLog.objects.filter(verb="session.sign_in").latest("pk").details["second_factor"] == "passkey"
    assert "Blue key" in browser.get("/account/security/").content.decode()


def test_first_passkey_brings_recovery_codes(browser, bob, key):
    first_step(browser, bob)

    assert len(re.findall(r"<code>\d{5} \d{5}</code>", add(browser, key).content.decode())) == 10


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"origin": "http://evil.localhost"},
        {"origin": "https://acme.localhost"},
        {"origin": "http://sub.acme.localhost"},
        {"origin": "http://acme.localhost:8001"},
        {"host": "globex.localhost"},
    ],
)
def test_answer_for_another_place_is_refused(acme, browser, with_key, key, elsewhere):
    assert use(browser, with_key, key, **elsewhere).status_code == 403
    assert not is_in(browser)
    with context.enter(acme):
        (row,) = AuditLog.objects.filter(verb="session.second_factor_failed")
        assert (row.outcome, row.target) == ("refused", with_key.actor_label)


def test_made_for_another_place_it_is_not_added(acme, browser, bob, key):
    first_step(browser, bob)

    assert add(browser, key, origin="http://evil.localhost").status_code == 422
    with context.enter(acme):
        assert not Authenticator.objects.exists()
        assert AuditLog.objects.get(verb="second_factor.add").outcome == "refused"


def test_copied_key_is_seen_by_its_counter(browser, with_key, key):
    for _ in range(2):
        assert use(browser, with_key, key).status_code == 302
        browser.post("/sign-out/")
    copy = Client(headers={"host": "acme.localhost"})

    assert use(copy, with_key, key, count=1).status_code == 403
    assert use(copy, with_key, key, count=3).status_code == 302


def test_answer_counts_once(browser, with_key, key):
    first_step(browser, with_key)
    answer = key.get(asked(browser.get("/sign-in/second-step/")))
    assert browser.post("/sign-in/second-step/", {"passkey": answer}).status_code == 302
    again = Client(headers={"host": "acme.localhost"})
    first_step(again, with_key)
    again.get("/sign-in/second-step/")

    assert again.post("/sign-in/second-step/", {"passkey": answer}).status_code == 403


def test_another_persons_key_does_not_open(acme, browser, alice, with_key):
    other, hers = Client(headers={"host": "acme.localhost"}), Key()
    first_step(other, alice)
    add(other, hers)

    assert use(browser, with_key, hers).status_code == 403


@pytest.mark.parametrize(
    "answer", ["x", "[]", "{}", "null", '{"type": 5}', "[" * 5000, '"' + "x" * 30_000 + '"', '{"response": {}}', "\x00"]
)
def test_nonsense_is_refused_and_no_error(browser, with_key, answer):
    first_step(browser, with_key)
    browser.get("/sign-in/second-step/")

    assert browser.post("/sign-in/second-step/", {"passkey": answer}).status_code == 403


@pytest.mark.parametrize("answer", ["x", "{}", '{"response": {"attestationObject": "AA"}}'])
def test_nonsense_is_not_added(browser, bob, answer):
    first_step(browser, bob)
    browser.get("/account/security/passkey/")

    assert browser.post("/account/security/passkey/", {"passkey": answer}).status_code == 422


def test_there_are_only_so_many(acme, browser, bob, key):
    first_step(browser, bob)
    add(browser, key)
    with context.enter(acme):
        row = Authenticator.objects.get(type="webauthn")
        for _ in range(factors.MAX_PASSKEYS - 1):
            row.pk = None
            row.save()

    reply = add(browser, Key())

    assert reply.status_code == 422
    assert "At most 10" in reply.content.decode()


def test_passkey_confirms_who_is_there(acme, browser, with_key, key):
    use(browser, with_key, key)

    options = asked(browser.get("/account/confirm/?next=/leave/"))
    reply = browser.post("/account/confirm/", {"passkey": key.get(options), "next": "/leave/"})

    assert reply["Location"] == "/leave/"
    with context.enter(acme):
        assert AuditLog.objects.get(verb="session.confirm").details == {"how": "passkey"}
