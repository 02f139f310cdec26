"""Tables as flat rows, and rows as frames of pandas or polars."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from ._errors import TriageError
from .schema import report as schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Engine = Literal["pandas", "polars"]
_ENGINES: tuple[Engine, ...] = ("pandas", "polars")

# Table → the class of a row, and the raw rows of it with the stage each is of.
_TABLES: dict[str, tuple[type, Callable[[dict[str, Any]], Iterator[tuple[str, dict[str, Any]]]]]]


def rows_of(report: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """Rows with the columns in one order; what is nested is a column each (``limit_bound_by``)."""
    row_class, raw_rows = _TABLES[table]
    columns = _columns(row_class)
    rows = []
    for stage, raw in raw_rows(report):
        flat = {"stage": stage, **_flat(raw)}
        rows.append({name: flat.get(name) for name in columns})
    return rows


def frame(report: dict[str, Any], table: str, engine: Engine | None) -> Any:
    """:raises TriageError: where neither pandas nor polars is installed."""
    name = engine or _engine()
    rows = rows_of(report, table)
    columns = _columns(_TABLES[table][0])
    library = _import(name)
    if name == "polars":
        if rows:
            return library.DataFrame(rows, infer_schema_length=None)
        return library.DataFrame({column: [] for column in columns})
    return library.DataFrame(rows, columns=columns)


def _engine() -> Engine:
    """The one that is imported already, else the one that is installed."""
    for name in _ENGINES:
        if name in sys.modules:
            return name
    for name in _ENGINES:
        if find_spec(name) is not None:
            return name
    raise _missing("pandas or polars")


def _import(name: Engine) -> Any:
    if name not in _ENGINES:
        raise TriageError(
            f"No engine {name!r}; there are pandas and polars.",
            code="python/no-frames",
            hint='Say engine="pandas" or engine="polars".',
        )
    try:
        return import_module(name)
    except ImportError as error:
        raise _missing(name) from error


def _missing(what: str) -> TriageError:
    return TriageError(
        f"Frames need {what}, which is not installed.",
        code="python/no-frames",
        hint='pip install pandas (or polars), or take plain rows: report.rows("kernels").',
    )


def _of_stages(key: str) -> Callable[[dict[str, Any]], Iterator[tuple[str, dict[str, Any]]]]:
    def rows(report: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for stage in report["stages"]:
            for row in stage[key]:
                yield stage["stage"], row

    return rows


def _actions(report: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in report["actions"]:
        yield row["stage"], row


_TABLES = {
    "kernels": (schema.Kernel, _of_stages("kernels")),
    "fusions": (schema.Fuse, _of_stages("fuse")),
    "overlap": (schema.Overlap, _of_stages("overlap")),
    "ledger": (schema.LedgerRow, _of_stages("ledger")),
    "actions": (schema.Action, _actions),
}


def _columns(row_class: type) -> list[str]:
    names = [name for name in _fields(row_class) if name != "stage"]
    return ["stage", *names]


def _fields(row_class: type) -> Iterator[str]:
    for field in fields(row_class):
        nested = getattr(schema, str(field.type).replace(" | None", ""), None)
        name = field.name.rstrip("_")
        if nested is None or not hasattr(nested, "__dataclass_fields__"):
            yield name
        else:
            yield from (f"{name}_{inner}" for inner in _fields(nested))


def _flat(raw: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in raw.items():
        name = prefix + re.sub(r"([A-Z])", r"_\1", key).lower().replace("-", "_")
        if isinstance(value, dict):
            flat.update(_flat(value, f"{name}_"))
        else:
            flat[name] = value
    return flat
