"""Model fields whose column holds ciphertext under the data key of the row's subject.

A model with such fields has `employee` (the subject), `subject_key` (a foreign key to the SubjectKey that seals the
row) and a primary key that is known before the row is written. A value is opened when it is read from the
instance, and sealed when the row is written; select_related("subject_key") saves a query for each row.
"""

import json
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from hr import keys, subject_keys
from tenants import context


class Sealed:
    """What stands in the column."""

    __slots__ = ("ciphertext",)

    def __init__(self, ciphertext: bytes) -> None:
        self.ciphertext = ciphertext

    def __repr__(self) -> str:
        return f"Sealed({len(self.ciphertext)} bytes)"


class _OpenedOnReading(DeferredAttribute):
    """Opens the value when it is asked for, and never keeps it in the clear longer than the expression that asked."""

    field: "EncryptedField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        return self.field.open(instance, value) if isinstance(value, Sealed) else value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedField(models.BinaryField):
    """A text, sealed. Cannot be searched, sorted or changed by `update()`: the database never sees its value."""

    descriptor_class = _OpenedOnReading
    # For the type checker only: what the base class says of itself is not true of what is opened.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def to_content(self, value: Any) -> bytes:
        return str(value).encode()

    def from_content(self, content: bytes) -> Any:
        return content.decode()

    def open(self, instance: models.Model, sealed: Sealed) -> Any:
        """The value of a loaded instance.

        :raises hr.keys.KeyUnavailable: one of its kinds, when it cannot be opened.
        """
        key = instance.subject_key  # type: ignore[attr-defined]
        secret = subject_keys.data_key(key)
        return self.from_content(keys.unseal(key=secret, sealed=sealed.ciphertext, place=self._place(instance, key)))

    def ciphertext_of(self, instance: models.Model) -> bytes | None:
        """What stands in the column of a loaded instance; None where that is NULL."""
        value = instance.__dict__.get(self.attname)
        return value.ciphertext if isinstance(value, Sealed) else None

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Seals the value. What was loaded and not touched is written back as it is."""
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        key = model_instance.subject_key  # type: ignore[attr-defined]
        sealed = Sealed(
            keys.seal(
                key=subject_keys.data_key(key), content=self.to_content(value), place=self._place(model_instance, key)
            )
        )
        model_instance.__dict__[self.attname] = sealed
        return sealed

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, Sealed):
            value = value.ciphertext
        elif value is not None:
            # QuerySet.update() and filter() come here with the value itself, which must not reach a statement.
            raise FieldError(f"{self.name} is sealed for its row: change it on an instance and save that")
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> Any:
        return None

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is sealed and is not exported by dumpdata")

    def _place(self, instance: Any, key: Any) -> keys.Place:
        return keys.Place(
            tenant=context.tenant_id(),
            table=instance._meta.db_table,
            field=str(self.column),
            row=str(instance.pk),
            subject=str(instance.employee_id),
            key=str(key.pk),
        )


class EncryptedDecimal(EncryptedField):
    """An amount, sealed with all its digits."""

    def to_content(self, value: Any) -> bytes:
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"{self.name} takes a finite Decimal")
        return format(value, "f").encode()

    def from_content(self, content: bytes) -> Decimal:
        return Decimal(content.decode())


class EncryptedJSON(EncryptedField):
    """A list or dictionary, sealed. What is read is a new object: assign it again to change the row."""

    def to_content(self, value: Any) -> bytes:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()

    def from_content(self, content: bytes) -> Any:
        return json.loads(content)
