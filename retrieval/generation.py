"""The language model: one adapter around the `openai` client, for any OpenAI-compatible server.

Bounded in every way: time-out, one retry before the first word, and a breaker that leaves a failing server alone.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

# Four short sentences; a model that talks on is cut off.
MAX_ANSWER_TOKENS = 400
# One retry: a second failure within seconds will be a third one too.
_ATTEMPTS = 2
_RETRY_WAIT_SECONDS = 0.3
# Consecutive failures that open the breaker, and how long it stays open.
BREAKER_FAILURES = 3
BREAKER_OPEN_SECONDS = 30.0


class ModelUnavailable(RuntimeError):
    """The language model did not answer.

    `reason` is a stable code: timeout, unreachable, refused, breaker_open, broken_off.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Breaker:
    """Opens after BREAKER_FAILURES failures in a row; lets one request through when BREAKER_OPEN_SECONDS are over."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    open_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """:raises ModelUnavailable: while open."""
        with self._lock:
            if self.clock() < self.open_until:
                raise ModelUnavailable("breaker_open")

    def succeeded(self) -> None:
        with self._lock:
            self.failures, self.open_until = 0, 0.0

    def failed(self) -> None:
        with self._lock:
            self.failures += 1
            if self.failures >= BREAKER_FAILURES:
                self.open_until = self.clock() + BREAKER_OPEN_SECONDS


breaker = Breaker()


def is_configured() -> bool:
    """Whether a language model may write answers (LLM_BASE_URL and LLM_MODEL)."""
    return bool(settings.LLM_BASE_URL and settings.LLM_MODEL)


def stream_text(*, messages: Sequence[dict[str, str]]) -> Iterator[str]:
    """The model's words as they come.

    The whole answer must be there within LLM_TIMEOUT_SECONDS.

    :raises ModelUnavailable: before or between words.
    """
    breaker.check()
    deadline = time.monotonic() + settings.LLM_TIMEOUT_SECONDS
    try:
        for chunk in _opened(messages):
            if time.monotonic() > deadline:
                raise ModelUnavailable("timeout")
            text = chunk.choices[0].delta.content if chunk.choices else None
            if text:
                yield text
    except ModelUnavailable as error:
        _note_failure(error)
        raise
    except Exception as error:  # the client raises its own, httpx's and json's classes while streaming
        unavailable = ModelUnavailable(_reason(error, "broken_off"))
        _note_failure(unavailable, error)
        raise unavailable from error
    breaker.succeeded()


def _opened(messages: Sequence[dict[str, str]]) -> Any:
    """An open stream, after at most one retry."""
    import openai

    client = openai.OpenAI(
        base_url=settings.LLM_BASE_URL,
        api_key=settings.LLM_API_KEY or "none",
        timeout=settings.LLM_TIMEOUT_SECONDS,
        max_retries=0,
    )
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return client.chat.completions.create(
                model=settings.LLM_MODEL,
                messages=list(messages),  # type: ignore[arg-type]
                stream=True,
                temperature=0,
                max_tokens=MAX_ANSWER_TOKENS,
            )
        except openai.OpenAIError as error:
            retryable = isinstance(error, openai.APIConnectionError | openai.InternalServerError)
            if attempt == _ATTEMPTS or not retryable or isinstance(error, openai.APITimeoutError):
                raise ModelUnavailable(_reason(error, "unreachable")) from error
            time.sleep(_RETRY_WAIT_SECONDS)
    raise AssertionError("unreachable")


def _reason(error: Exception, otherwise: str) -> str:
    name = type(error).__name__
    if "Timeout" in name:
        return "timeout"
    status = getattr(error, "status_code", None)
    return "refused" if isinstance(status, int) and status < 500 else otherwise


def _note_failure(unavailable: ModelUnavailable, error: Exception | None = None) -> None:
    if unavailable.reason != "breaker_open":
        breaker.failed()
    log.warning("language_model_unavailable", reason=unavailable.reason, error=type(error).__name__ if error else "")
