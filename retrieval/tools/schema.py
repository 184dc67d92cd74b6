"""Arguments of tools: what they are called, what they may be. None of them can name a person.

The person always comes from the session, so a call that tries to say who is meant is refused, not ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from tenants import days

Kind = Literal["day", "flag", "text"]
_MAX_TEXT_CHARS = 100
_MAX_ARGUMENTS = 12
# Parts of names by which a call would say whose record it wants.
_PERSON_WORDS = (
    "employee",
    "person",
    "user",
    "name",
    "email",
    "owner",
    "subject",
    "manager",
    "colleague",
    "who",
    "tenant",
)


class ArgumentsRefused(ValueError):
    """The arguments are not the tool's. `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Argument:
    """One argument. A `day` is written YYYY-MM-DD."""

    name: str
    kind: Kind
    about: str
    is_required: bool = False


def checked(*, arguments: Mapping[str, Any], known: tuple[Argument, ...]) -> dict[str, Any]:
    """The arguments as values: days as dates, flags as bool, texts cleaned; those left out are missing.

    :raises ArgumentsRefused: unknown, missing or ill-typed ones.
    """
    if not isinstance(arguments, Mapping) or len(arguments) > _MAX_ARGUMENTS:
        raise ArgumentsRefused("arguments_malformed")
    names = {argument.name for argument in known}
    for name in arguments:
        if name not in names:
            names_a_person = any(word in str(name).casefold() for word in _PERSON_WORDS)
            raise ArgumentsRefused("names_a_person" if names_a_person else "unknown_argument")
    values: dict[str, Any] = {}
    for argument in known:
        value = arguments.get(argument.name)
        if value is None or value == "":
            if argument.is_required:
                raise ArgumentsRefused(f"missing:{argument.name}")
            continue
        values[argument.name] = _value(argument, value)
    return values


def as_json_schema(known: tuple[Argument, ...]) -> dict[str, Any]:
    """The same for a language model's function calling."""
    kinds: dict[Kind, dict[str, Any]] = {
        "day": {"type": "string", "format": "date"},
        "flag": {"type": "boolean"},
        "text": {"type": "string", "maxLength": _MAX_TEXT_CHARS},
    }
    return {
        "type": "object",
        "properties": {argument.name: {**kinds[argument.kind], "description": argument.about} for argument in known},
        "required": [argument.name for argument in known if argument.is_required],
        "additionalProperties": False,
    }


def _value(argument: Argument, value: Any) -> Any:
    if argument.kind == "flag":
        if isinstance(value, bool):
            return value
        raise ArgumentsRefused(f"ill_typed:{argument.name}")
    if argument.kind == "day" and isinstance(value, date):
        value = value.isoformat()
    if not isinstance(value, str):
        raise ArgumentsRefused(f"ill_typed:{argument.name}")
    if argument.kind == "text":
        return " ".join(value.replace("\x00", "").split())[:_MAX_TEXT_CHARS]
    try:
        return days.read_day(value)
    except ValueError:
        raise ArgumentsRefused(f"ill_typed:{argument.name}") from None
