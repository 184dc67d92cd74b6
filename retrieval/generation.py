"""The language model: one adapter around the `openai` client, for any OpenAI-compatible server.

Bounded in every way: time-out, one retry before the first word, and a breaker that leaves a failing server alone.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings

from retrieval.interruptible import read_beside
from tenants.kill_switches import state

log = structlog.get_logger(__name__)

# Four short sentences; a model that talks on is cut off.
MAX_ANSWER_TOKENS = 400
# One retry: a second failure within seconds will be a third one too.
_ATTEMPTS = 2
_RETRY_WAIT_SECONDS = 0.3
# Consecutive failures that open the breaker, and how long it stays open.
BREAKER_FAILURES = 3
# What is taken of calls that a model wants; what is beyond is nothing that a tool of ours takes.
MAX_WANTED_CALLS = 8
_MAX_NAME_CHARS = 64
_MAX_ARGUMENTS_CHARS = 4000
_MAX_COUNTED_TOKENS = 10_000_000
BREAKER_OPEN_SECONDS = 30.0
# How soon a switch, or the end of the time, is noticed while the model keeps silent.
_CHECKED_EVERY_SECONDS = 0.25
_NOT_ITS_FAULT = frozenset({"breaker_open", "switched_off"})


class ModelUnavailable(RuntimeError):
    """The language model did not answer.

    `reason` is a stable code: timeout, unreachable, refused, breaker_open, broken_off, switched_off.
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


@dataclass(frozen=True)
class WantedCall:
    """A tool that the model wants called. `arguments` is its JSON, unchecked."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Usage:
    """What a round cost, in the server's own tokens."""

    prompt_tokens: int
    answer_tokens: int

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.prompt_tokens + other.prompt_tokens, self.answer_tokens + other.answer_tokens)


def stream_text(*, messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The model's words as they come.

    The whole answer must be there within LLM_TIMEOUT_SECONDS.

    :raises ModelUnavailable: before or between words.
    """
    for part in stream_parts(messages=messages):
        if isinstance(part, str):
            yield part


def stream_parts(
    *, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] = ()
) -> Iterator[str | WantedCall | Usage]:
    """The model's words as they come, and after them what they cost, where the server says so, and the tools that it
    wants called; at most MAX_WANTED_CALLS.

    :raises ModelUnavailable: before or between words.
    """
    breaker.check()
    deadline = time.monotonic() + settings.LLM_TIMEOUT_SECONDS
    wanted: dict[int, dict[str, str]] = {}
    usage: Usage | None = None
    try:
        chunks = read_beside(
            open_stream=lambda: _opened(messages, tools),
            check=lambda: _check(deadline),
            every_seconds=_CHECKED_EVERY_SECONDS,
        )
        for chunk in chunks:
            delta = chunk.choices[0].delta if chunk.choices else None
            if delta is not None and delta.content:
                yield delta.content
            _collect(wanted, getattr(delta, "tool_calls", None) or ())
            usage = _usage_of(chunk) or usage
    except ModelUnavailable as error:
        _note_failure(error)
        raise
    except Exception as error:  # the client raises its own, httpx's and json's classes while streaming
        unavailable = ModelUnavailable(_reason(error, "broken_off"))
        _note_failure(unavailable, error)
        raise unavailable from error
    breaker.succeeded()
    if usage is not None:
        yield usage
    if tools:
        for _, call in sorted(wanted.items())[:MAX_WANTED_CALLS]:
            yield WantedCall(id=call["id"], name=call["name"], arguments=call["arguments"])


def _usage_of(chunk: Any) -> Usage | None:
    """What a server that keeps to the protocol says in its last chunk; others say nothing, or nonsense."""
    counts = (getattr(getattr(chunk, "usage", None), name, None) for name in ("prompt_tokens", "completion_tokens"))
    prompt, answer = counts
    if not all(isinstance(count, int) and 0 <= count <= _MAX_COUNTED_TOKENS for count in (prompt, answer)):
        return None
    return Usage(prompt_tokens=prompt, answer_tokens=answer)  # type: ignore[arg-type]


def _check(deadline: float) -> None:
    """Asked while words come and while none do.

    :raises ModelUnavailable: when the time is over, or somebody switched the model off meanwhile.
    """
    if state.off(state.Feature.LANGUAGE_MODEL) is not None:
        raise ModelUnavailable("switched_off")
    if time.monotonic() > deadline:
        raise ModelUnavailable("timeout")


def _collect(wanted: dict[int, dict[str, str]], pieces: Iterable[Any]) -> None:
    """Calls come in pieces: id and name first, arguments bit by bit."""
    for piece in pieces:
        call = wanted.setdefault(piece.index or 0, {"id": "", "name": "", "arguments": ""})
        call["id"] = piece.id or call["id"]
        if piece.function is not None:
            call["name"] = (piece.function.name or call["name"])[:_MAX_NAME_CHARS]
            call["arguments"] = (call["arguments"] + (piece.function.arguments or ""))[:_MAX_ARGUMENTS_CHARS]


def _opened(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> Any:
    """An open stream, after at most one retry."""
    import openai

    client = openai.OpenAI(
        base_url=settings.LLM_BASE_URL,
        api_key=settings.LLM_API_KEY or "none",
        timeout=settings.LLM_TIMEOUT_SECONDS,
        max_retries=0,
    )
    offered: dict[str, Any] = {"stream_options": {"include_usage": True}}
    if tools:
        offered["tools"] = list(tools)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return client.chat.completions.create(
                model=settings.LLM_MODEL,
                messages=list(messages),  # type: ignore[arg-type]
                stream=True,
                temperature=0,
                max_tokens=MAX_ANSWER_TOKENS,
                **offered,
            )
        except openai.BadRequestError as error:
            # A server or model without function calling, or without counts, says so; without them it still answers.
            if not offered:
                raise ModelUnavailable(_reason(error, "unreachable")) from error
            offered = {}
        except openai.OpenAIError as error:
            retryable = isinstance(error, openai.APIConnectionError | openai.InternalServerError)
            if attempt == _ATTEMPTS or not retryable or isinstance(error, openai.APITimeoutError):
                raise ModelUnavailable(_reason(error, "unreachable")) from error
            time.sleep(_RETRY_WAIT_SECONDS)
    raise ModelUnavailable("unreachable")


def _reason(error: Exception, otherwise: str) -> str:
    name = type(error).__name__
    if "Timeout" in name:
        return "timeout"
    status = getattr(error, "status_code", None)
    return "refused" if isinstance(status, int) and status < 500 else otherwise


def _note_failure(unavailable: ModelUnavailable, error: Exception | None = None) -> None:
    if unavailable.reason not in _NOT_ITS_FAULT:
        breaker.failed()
    log.warning("language_model_unavailable", reason=unavailable.reason, error=type(error).__name__ if error else "")
