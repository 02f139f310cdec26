"""Traces behind addresses that fsspec opens."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from conftest import run

import fuse_triage
from fuse_triage import TriageError


@pytest.fixture
def bucket(example: str) -> Iterator[str]:
    """The example as a folder of an object store that lives in memory."""
    store = fsspec.filesystem("memory")
    store.put(example, "/bucket/run", recursive=True)
    yield "memory://bucket/run"
    store.rm("/bucket", recursive=True)


def test_a_folder_is_fetched_and_read(bucket: str, printed: Any) -> None:
    report = fuse_triage.triage(bucket)
    assert [stage["kernels"] for stage in report.raw["stages"]] == [
        stage["kernels"] for stage in printed["stages"]
    ]
    # Whoever reads it: no path of a temporary folder.
    assert report.data.traces[0].path.startswith("bucket/run/")


def test_the_same_address_gives_the_same_bytes(bucket: str) -> None:
    assert fuse_triage.triage(bucket).to_json() == fuse_triage.triage(bucket).to_json()


def test_a_file_a_diff_and_ranks(bucket: str) -> None:
    store = fsspec.filesystem("memory")
    [trace] = [path for path in store.find("/bucket/run") if "-TP-1-" in path]
    assert fuse_triage.triage(f"memory:/{trace}").data.traces[0].rank == 1
    assert len(fuse_triage.ranks(bucket).data.ranks) == 2
    assert fuse_triage.diff(bucket, bucket).data.stages


def test_what_is_not_there_says_so(bucket: str) -> None:
    with pytest.raises(TriageError) as caught:
        fuse_triage.triage("memory://bucket/other")
    assert caught.value.code == "trace/no-such-path"
    fsspec.filesystem("memory").pipe("/bucket/bare/readme.txt", b"x")
    with pytest.raises(TriageError, match="holds no"):
        fuse_triage.triage("memory://bucket/bare")


def test_a_store_whose_package_is_missing_says_what_to_install() -> None:
    with pytest.raises(TriageError) as caught:
        fuse_triage.triage("s3://bucket/trace.json.gz")
    assert caught.value.code == "python/no-fsspec"
    assert "s3fs" in str(caught.value)


def test_without_fsspec_a_pipe_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "fsspec"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(TriageError) as caught:
        fuse_triage.triage("s3://bucket/trace.json.gz")
    assert "| triage -" in caught.value.hint


def test_the_command_fetches_too(example: str, tmp_path: Path) -> None:
    output = tmp_path / "report.json"
    ended = run("triage", f"local://{example}", "--format", "json", "--output", str(output))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert fuse_triage.load(output).data.stages
    gone = run("triage", "local:///nowhere/trace.json.gz")
    assert gone.returncode == 3
    assert "local:///nowhere/trace.json.gz does not exist." in gone.stderr


def test_servers_stay_the_programs_business() -> None:
    ended = run("triage", "probe", "http://127.0.0.1:9")
    assert "fsspec" not in ended.stderr


def test_no_name_in_a_store_leads_out_of_the_folder() -> None:
    from fuse_triage._remote import _parts

    assert _parts("bucket/../../etc/passwd") == ["etc", "passwd"]
    assert _parts("/a//b:c/./d") == ["a", "b_c", "d"]
