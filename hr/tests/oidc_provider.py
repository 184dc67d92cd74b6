"""A small real OpenID provider on loopback: discovery, authorize, token, keys; RS256. It signs in whom a test says."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "hr assistant", "a secret: with/odd +signs"


class Provider:
    """What the provider would say, and what it was asked. Tests change the public attributes."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "0017", "email": "bob@acme.example", "email_verified": True}
        self.changed: dict[str, Any] = {}  # claims that replace the right ones; None takes one away
        self.header: dict[str, Any] = {}
        self.kid = "one"
        self.algorithm = "RS256"
        self.secret_of_signature: Any = None
        self.metadata: dict[str, Any] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}  # by path, instead of the right one
        self.asked: list[str] = []
        self._keys = {"one": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self._codes: dict[str, dict[str, str]] = {}
        self.issuer = ""

    def rotate(self) -> None:
        """Another key, and the former one gone."""
        self.kid = "two"
        self._keys = {"two": rsa.generate_private_key(public_exponent=65537, key_size=2048)}

    def describe(self) -> dict[str, Any]:
        places = {
            name: f"{self.issuer}/{path}"
            for name, path in (
                ("authorization_endpoint", "authorize"),
                ("token_endpoint", "token"),
                ("jwks_uri", "keys"),
            )
        }
        return {"issuer": self.issuer, **places, **self.metadata}

    def keys(self) -> dict[str, Any]:
        listed = []
        for kid, key in self._keys.items():
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
            listed.append({**public, "kid": kid, "use": "sig", "alg": "RS256"})
        return {"keys": listed}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to: everybody is signed in at once as `person`."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or not self._is_client(form, authorization):
            return 400, {"error": "invalid_grant"}
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if asked["code_challenge"] != proof or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(asked)}

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            **self.person,
            **self.changed,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.secret_of_signature or next(iter(self._keys.values()))
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": self.kid, **self.header})

    def _is_client(self, form: dict[str, str], authorization: str) -> bool:
        if authorization:
            name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            return (unquote(name), unquote(secret)) == (CLIENT_ID, CLIENT_SECRET)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path in provider.answers:
                self._send(*provider.answers[parts.path])
            elif parts.path == "/.well-known/openid-configuration":
                self._send(200, json.dumps(provider.describe()).encode())
            elif parts.path == "/keys":
                self._send(200, json.dumps(provider.keys()).encode())
            elif parts.path == "/authorize":
                self._send(302, b"", location=provider.authorize(query))
            else:
                self._send(404, b"")

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            if self.path in provider.answers:
                self._send(*provider.answers[self.path])
                return
            status, answer = provider.exchange(form, self.headers.get("Authorization", ""))
            self._send(status, json.dumps(answer).encode())

        def _send(self, status: int, body: bytes, *, location: str = "") -> None:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
