"""Queries that every request asks: compiled to SQL once a process instead of each time.

Compiling took Django 0.3 to 1 ms a query, several times what PostgreSQL needs to answer it. Only the statement's text
is kept, never a row: each call asks the database.
"""

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.expressions import Expression
from django.db.models.query import get_related_populators
from psycopg.sql import Literal

from tenants.postgresql.base import Prepared

M = TypeVar("M", bound=models.Model)


class Slot(Expression):
    """Stands in a query for a value that is only known when the query is asked."""

    def __init__(self, name: str, output_field: "models.Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class CompiledGet(Generic[M]):
    """`queryset.first()` for a queryset that finds at most one row. Related rows and annotations come along.

    `build` makes the queryset, with a Slot for each value; it is called once, when the first row is asked for.
    """

    def __init__(self, build: Callable[[], models.QuerySet[M]]) -> None:
        self._build = build

    def get(self, **values: Any) -> M | None:
        """The row for these values of the slots, or None. One query."""
        with connection.cursor() as cursor:
            compiled = self._compiled
            cursor.execute(compiled.sql, [values[name] for name in compiled.slots])
            row = cursor.fetchone()
        return compiled.instance(row) if row is not None else None

    @functools.cached_property
    def _compiled(self) -> "_Compiled":
        return _Compiled(self._build())


def _with_constants(sql: str, params: Sequence[Any]) -> tuple[Prepared, list[str]]:
    """The statement with everything but the slots written into it, and the slots' names in its order."""
    remaining = iter(params)
    slots = []

    def written(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        value = next(remaining)
        if isinstance(value, Slot):
            slots.append(value.name)
            return "%s"
        return Literal(value).as_string(connection.connection).replace("%", "%%")

    return Prepared(re.sub("%s|%%", written, sql)), slots


class _Compiled:
    """What Django's ModelIterable works out anew for each query."""

    def __init__(self, queryset: models.QuerySet[Any]) -> None:
        self._db = queryset.db
        compiler = queryset.query.get_compiler(using=self._db)
        sql, params = compiler.as_sql()
        self.sql, self.slots = _with_constants(sql, params)
        select, chosen, annotations = compiler.select, compiler.klass_info, compiler.annotation_col_map
        self._model = chosen["model"]
        self._first, self._end = chosen["select_fields"][0], chosen["select_fields"][-1] + 1
        self._names = [column[0].target.attname for column in select[self._first : self._end]]
        self._related = get_related_populators(chosen, select, self._db)  # type: ignore[call-arg]  # stubs of Django 6
        self._annotations = list((annotations or {}).items())
        self._converters = list(compiler.get_converters([column[0] for column in select]).items())

    def instance(self, row: tuple[Any, ...]) -> Any:
        values = list(row)
        for position, (converters, expression) in self._converters:
            for convert in converters:
                values[position] = convert(values[position], expression, connection)
        made = self._model.from_db(self._db, self._names, values[self._first : self._end])
        for related in self._related:
            related.populate(values, made)
        for name, position in self._annotations:
            setattr(made, name, values[position])
        return made
