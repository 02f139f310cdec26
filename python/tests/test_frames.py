"""Tables as frames of pandas and polars, and as plain rows."""

from __future__ import annotations

import sys
from typing import Any

import pandas
import polars
import pytest

from fuse_triage import Report, TriageError

TABLES = ["kernels", "fusions", "overlap", "ledger", "actions"]


@pytest.mark.parametrize("table", TABLES)
def test_both_libraries_hold_the_same_rows(report: Report, table: Any) -> None:
    rows = report.rows(table)
    assert rows, table
    wide = getattr(report, table)("pandas")
    other = getattr(report, table)("polars")
    assert isinstance(wide, pandas.DataFrame)
    assert isinstance(other, polars.DataFrame)
    assert list(wide.columns) == other.columns == list(rows[0])
    assert len(wide) == other.height == len(rows)
    assert wide["stage"].tolist() == other["stage"].to_list()


def test_figures_are_those_of_the_report(report: Report) -> None:
    kernels = report.kernels("pandas")
    stage = report.data.stages[0]
    assert kernels["total_us"].tolist() == [kernel.total_us for kernel in stage.kernels]
    assert "limit_bound_by" in kernels.columns
    assert "per_step_us" in kernels.columns
    total = stage.timeline.total_us
    assert report.ledger("polars")["us"].sum() == pytest.approx(total, abs=0.1)
    first = report.actions("pandas").iloc[0]
    assert first["saves_pct_of_step"] == report.data.actions[0].saves.pct_of_step


def test_a_table_without_rows_keeps_its_columns(report: Report) -> None:
    bare = {**report.raw, "stages": [], "actions": []}
    empty = Report.from_json(bare)
    for table in TABLES:
        expected = list(report.rows(table)[0])
        assert list(getattr(empty, table)("pandas").columns) == expected
        assert getattr(empty, table)("polars").columns == expected


def test_without_a_name_the_imported_library_is_taken(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "pandas")
    assert isinstance(report.kernels(), polars.DataFrame)


def test_without_any_library_rows_are_pointed_out(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuse_triage._frames.find_spec", lambda name: None)
    for name in ("pandas", "polars"):
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(TriageError) as caught:
        report.kernels()
    assert caught.value.code == "python/no-frames"
    assert 'report.rows("kernels")' in caught.value.hint
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(TriageError, match="polars, which is not installed"):
        report.kernels("polars")


def test_another_library_is_a_mistake(report: Report) -> None:
    with pytest.raises(TriageError, match="No engine 'dask'"):
        report.kernels("dask")  # type: ignore[arg-type]
