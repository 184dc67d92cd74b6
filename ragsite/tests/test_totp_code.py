"""manage.py totp_code KEY: what an authenticator app would show."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

# RFC 6238, appendix B: the key "12345678901234567890" at 59 and at 1111111109 seconds, last six digits.
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def code_of(key: str) -> str:
    out = StringIO()
    call_command("totp_code", key, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize(("now", "code"), [(59, "287082"), (1111111109, "081804")])
@pytest.mark.parametrize("key", [KEY, " ".join(KEY[start : start + 4] for start in range(0, len(KEY), 4))])
def test_code_is_that_of_the_standard(monkeypatch: pytest.MonkeyPatch, key: str, now: float, code: str) -> None:
    monkeypatch.setattr("time.time", lambda: now)

    assert code_of(key) == code


@pytest.mark.parametrize("key", ["not a key!", "1", "ÄÖÜ"])
def test_what_is_no_key_is_told(key: str) -> None:
    with pytest.raises(CommandError, match="no key of an authenticator app"):
        code_of(key)
