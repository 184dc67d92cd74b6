"""Every environment variable the product reads: typed, with its default, in one place.

`.env.example` lists the same names; a test compares the two. Nothing else in the code base reads `os.environ`
for configuration. Standard library only, because the supervisor reads it before Django is set up.
"""

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

REPO_ROOT = Path(__file__).resolve().parent.parent

# 192 bits when they are random letters and digits in base 64; `deploy/new_env.sh` makes 256.
_MASTER_KEY_CHARS = 32


class BadSetting(ValueError):
    """An environment variable has a value that cannot be used. The message names the variable."""


def _text(default: str = "", *, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"kind": "text", "choices": choices})


def _whole(default: int, *, low: int = 0, high: int = 2**53) -> Any:
    return field(default=default, metadata={"kind": "whole", "low": low, "high": high})


def _fraction(default: float) -> Any:
    return field(default=default, metadata={"kind": "fraction"})


def _flag(default: bool) -> Any:
    return field(default=default, metadata={"kind": "flag"})


def _names(default: str = "") -> Any:
    return field(default=tuple(part for part in default.split(",") if part), metadata={"kind": "names"})


@dataclass(frozen=True)
class Environment:
    """The environment as the product understands it; a field is the lower-case name of its variable."""

    # --- where it runs
    port: int = _whole(8000, low=1, high=65535)
    host: str = _text("127.0.0.1")
    data_dir: str = _text("./var")
    demo: bool = _flag(True)
    demo_password: str = _text()
    debug: bool = _flag(False)
    secret_key: str = _text()
    # wraps the data keys of sealed fields; old ones stay readable until `manage.py rekey_fields` ran
    field_master_key: str = _text()
    field_master_keys_old: tuple[str, ...] = _names()
    # hashes and signs the audit log; what was written under old ones still verifies
    audit_chain_key: str = _text()
    audit_chain_keys_old: tuple[str, ...] = _names()
    platform_hosts: tuple[str, ...] = _names("localhost,127.0.0.1")
    tls_enabled: bool = _flag(False)
    trusted_proxy_count: int = _whole(0, high=5)
    metrics_allowed_cidrs: tuple[str, ...] = _names("127.0.0.0/8,::1/128")
    log_level: str = _text("INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    web_workers: int = _whole(1, low=1, high=64)
    # 0: four, or sixteen with a language model, whose streams each hold a thread for seconds
    web_threads: int = _whole(0, high=256)
    # --- one variable per row of the two shapes (docs/architecture.md)
    database_url: str = _text()
    vector_store: str = _text("pgvector", choices=("pgvector", "qdrant"))
    qdrant_url: str = _text()
    qdrant_api_key: str = _text()
    broker_url: str = _text()
    cache_url: str = _text()
    storage: str = _text("folder", choices=("folder", "s3"))
    s3_bucket: str = _text()
    s3_endpoint_url: str = _text()
    s3_access_key: str = _text()
    s3_secret_key: str = _text()
    s3_region: str = _text()
    # --- language model (none: extractive answers)
    llm_base_url: str = _text()
    llm_model: str = _text()
    llm_api_key: str = _text()
    llm_timeout_seconds: int = _whole(20, low=1, high=600)
    # --- embedding
    embed_backend: str = _text("onnx", choices=("onnx", "torch"))
    gateway_embed_model: str = _text("all-MiniLM-L6-v2")
    embed_model_path: str = _text()
    embed_threads: int = _whole(1, low=1, high=64)
    chunk_size: int = _whole(200, low=32, high=2000)
    chunk_overlap: int = _whole(40, high=500)
    # --- answers
    min_confidence_threshold: float = _fraction(0.5)
    prompt_version: str = _text()
    # --- limits
    max_upload_bytes: int = _whole(50 * 1024 * 1024, low=1024)
    max_question_chars: int = _whole(2000, low=50, high=20000)
    max_import_rows: int = _whole(20_000, low=1, high=200_000)
    throttle_sign_in_per_minute: int = _whole(10, low=1)
    throttle_questions_per_minute: int = _whole(300, low=1)
    throttle_api_per_minute: int = _whole(6000, low=1)
    throttle_uploads_per_minute: int = _whole(600, low=1)
    # --- sign-in
    # dangerous actions ask for password or code when the last time is longer ago
    step_up_minutes: int = _whole(15, low=1, high=720)
    # a company's own provider may be http or on a private address: for tests and intranets
    sso_allow_private: bool = _flag(False)
    # --- tokens and mail
    jwt_secret: str = _text()
    access_token_minutes: int = _whole(10, low=5, high=15)
    refresh_token_days: int = _whole(7, low=1, high=90)
    # the key that signs tokens is replaced when it is older; 0: only by command
    jwt_rotation_days: int = _whole(90, high=3650)
    email_url: str = _text()
    mail_from: str = _text("hr-assistant@localhost")
    # --- looking back
    # how long the reason for reading the audit log holds, within a session
    audit_reason_minutes: int = _whole(480, low=5, high=1440)
    access_history_days: int = _whole(400, low=35, high=3650)


def read_environment(variables: Mapping[str, str]) -> Environment:
    """The typed environment from `variables`.

    :raises BadSetting: naming the first variable whose value is not usable.
    """
    values: dict[str, Any] = {}
    for item in fields(Environment):
        name = item.name.upper()
        if name in variables and variables[name].strip() != "":
            values[item.name] = _typed(name, variables[name].strip(), item.metadata)
    environment = Environment(**values)
    _check_together(environment)
    return environment


def _typed(name: str, raw: str, rule: Mapping[str, Any]) -> Any:
    kind = rule["kind"]
    if kind == "whole":
        try:
            number = int(raw)
        except ValueError:
            raise BadSetting(f"{name} must be a whole number, not {raw!r}") from None
        if not rule["low"] <= number <= rule["high"]:
            raise BadSetting(f"{name} must be between {rule['low']} and {rule['high']}, not {number}")
        return number
    if kind == "fraction":
        try:
            share = float(raw)
        except ValueError:
            raise BadSetting(f"{name} must be a number between 0 and 1, not {raw!r}") from None
        if not 0 <= share <= 1:
            raise BadSetting(f"{name} must be between 0 and 1, not {raw}")
        return share
    if kind == "flag":
        if raw.lower() not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
            raise BadSetting(f"{name} must be 1 or 0, not {raw!r}")
        return raw.lower() in ("1", "true", "yes", "on")
    if kind == "names":
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if rule["choices"] and raw not in rule["choices"]:
        raise BadSetting(f"{name} must be one of {', '.join(rule['choices'])}, not {raw!r}")
    return raw


def _check_together(environment: Environment) -> None:
    given = [*environment.field_master_keys_old, *filter(None, [environment.field_master_key])]
    if any(len(key) < _MASTER_KEY_CHARS for key in given):
        raise BadSetting(
            f"FIELD_MASTER_KEY and FIELD_MASTER_KEYS_OLD need at least {_MASTER_KEY_CHARS} random characters"
        )
    chained = [*environment.audit_chain_keys_old, *filter(None, [environment.audit_chain_key])]
    if any(len(key) < _MASTER_KEY_CHARS for key in chained):
        raise BadSetting(
            f"AUDIT_CHAIN_KEY and AUDIT_CHAIN_KEYS_OLD need at least {_MASTER_KEY_CHARS} random characters"
        )
    if environment.vector_store == "qdrant" and not environment.qdrant_url:
        raise BadSetting("VECTOR_STORE=qdrant needs QDRANT_URL")
    if environment.storage == "s3" and not environment.s3_bucket:
        raise BadSetting("STORAGE=s3 needs S3_BUCKET")
    if environment.llm_base_url and not environment.llm_model:
        raise BadSetting("LLM_BASE_URL needs LLM_MODEL")
    if environment.chunk_overlap >= environment.chunk_size:
        raise BadSetting("CHUNK_OVERLAP must be smaller than CHUNK_SIZE")


def data_dir(environment: Environment) -> Path:
    """The data folder as an absolute path; relative values count from the repository root."""
    path = Path(environment.data_dir).expanduser()
    return path if path.is_absolute() else (REPO_ROOT / path).resolve()


def web_threads(environment: Environment) -> int:
    """WEB_THREADS, or what fits: every thread has a database connection of its own, and few warm ones answer a search
    3 ms faster than many cold ones; but a streamed answer of a language model holds its thread for seconds."""
    return environment.web_threads or (16 if environment.llm_base_url else 4)


def names() -> tuple[str, ...]:
    """Every variable's name."""
    return tuple(item.name.upper() for item in fields(Environment))


@functools.cache
def current() -> Environment:
    """The environment of this process, read once.

    :raises BadSetting: naming the first variable whose value is not usable.
    """
    return read_environment(os.environ)
