"""Digests over Ray on this machine; skipped, with a word, where Ray is not installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import fuse_triage
from fuse_triage import TriageError
from fuse_triage import ray as fleet

try:
    import ray
except ImportError:
    ray = None

needs_ray = pytest.mark.skipif(ray is None, reason="Ray is not installed: pip install ray")


@pytest.fixture
def traces(example: str, tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns("*.md"))
    return folder


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.mark.skipif(ray is not None, reason="Ray is installed")
def test_without_ray_it_says_what_to_install(traces: Path) -> None:
    with pytest.raises(TriageError) as caught:
        fleet.run(f"{traces}/**", out="digests")
    assert caught.value.code == "fleet/no-ray"


@needs_ray
def test_made_resumed_and_compared(cluster: None, traces: Path, tmp_path: Path) -> None:
    out = tmp_path / "digests"
    first = fleet.run(f"{traces}/**", out=str(out))
    assert [one.state for one in first.outcomes] == ["made", "made"]
    direct = fuse_triage.ranks(str(traces))
    assert first.ranks["stages"] == direct.raw["stages"]
    [gone, kept] = [Path(one.digest) for one in first.outcomes]
    gone.write_bytes(gone.read_bytes()[:500])
    again = fleet.run(f"{traces}/**", out=str(out))
    assert [one.state for one in again.outcomes] == ["made", "kept"]
    assert again.ranks == first.ranks
    assert kept.is_file()


@needs_ray
def test_a_damaged_trace_is_named_and_loses_no_other(
    cluster: None, traces: Path, tmp_path: Path
) -> None:
    damaged = traces / "1775078603.4170518-TP-7-DECODE.trace.json"
    damaged.write_text('{"traceEvents": [')
    done = fleet.run(f"{traces}/**", out=str(tmp_path / "digests"))
    assert [one.trace for one in done.failed] == [str(damaged)]
    assert "TP-7" in (done.failed[0].problem or "")
    assert len(done.ranks["ranks"]) == 2


@needs_ray
def test_no_trace_says_so(cluster: None, tmp_path: Path) -> None:
    with pytest.raises(TriageError) as caught:
        fleet.run(f"{tmp_path}/nothing/**", out=str(tmp_path))
    assert caught.value.code == "trace/none"
