"""The handler for torch.profiler, with a profile that writes an example."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import fuse_triage
from fuse_triage import Report, TriageError


class Profile:
    """What the handler asks of `torch.profiler.profile`."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def export_chrome_trace(self, path: str) -> None:
        shutil.copyfile(self.trace, path)


@pytest.fixture
def profile(example: str) -> Profile:
    return Profile(next(Path(example).glob("*TP-0*.json.gz")))


def test_a_report_lies_beside_each_trace(profile: Profile, tmp_path: Path) -> None:
    seen: list[Report] = []
    handler = fuse_triage.on_trace_ready(tmp_path, worker="w", then=seen.append)
    handler(profile)
    handler(profile)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 4
    assert [name.endswith(".pt.trace.json.gz") for name in names] == [True, False, True, False]
    assert names[1].endswith(".report.html")
    assert [report.data.framework for report in seen] == ["sglang", "sglang"]


@pytest.mark.parametrize(("form", "ending"), [("text", "txt"), ("markdown", "md"), ("json", "json")])
def test_in_the_format_asked_for(
    profile: Profile, tmp_path: Path, form: Any, ending: str
) -> None:
    fuse_triage.on_trace_ready(tmp_path, format=form, min_share=5)(profile)
    assert list(tmp_path.glob(f"*.report.{ending}"))


def test_without_a_report_only_the_callback(profile: Profile, tmp_path: Path) -> None:
    fuse_triage.on_trace_ready(tmp_path, format=None)(profile)
    assert [path.suffix for path in tmp_path.iterdir()] == [".gz"]


def test_a_trace_that_cannot_be_used_is_a_warning(tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("{}")
    handler = fuse_triage.on_trace_ready(tmp_path / "out")
    with pytest.warns(UserWarning, match="no report of"):
        handler(Profile(empty))
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_the_rank_of_a_job_is_in_the_name(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = SimpleNamespace(
        is_available=lambda: True, is_initialized=lambda: True, get_rank=lambda: 3
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(distributed=job))
    fuse_triage.on_trace_ready(tmp_path, format=None)(profile)
    [trace] = tmp_path.iterdir()
    assert ".rank-3.pt.trace.json.gz" in trace.name


def test_a_format_that_is_none_is_told_before_anything_is_profiled(tmp_path: Path) -> None:
    with pytest.raises(TriageError, match="No format 'pdf'"):
        fuse_triage.on_trace_ready(tmp_path, format="pdf")  # type: ignore[arg-type]
