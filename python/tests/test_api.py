"""The functions, and the documents they return."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, run

import fuse_triage
from fuse_triage import GateFailed, Report, TriageError
from fuse_triage._run import run_text
from fuse_triage.schema.report import Action, Stage


def test_a_report_is_what_the_command_prints(report: Report, printed: Any) -> None:
    assert report.raw == printed
    assert isinstance(report.data.stages[0], Stage)
    assert isinstance(report.data.actions[0], Action)
    assert report.data.actions[0].saves.kernel_us == printed["actions"][0]["saves"]["kernelUs"]
    assert report.data.gpu.arch == "sm90"


def test_options_are_those_of_the_command(example: str) -> None:
    report = fuse_triage.triage(
        [Path(example)], rank=1, stage="decode", min_share=5, model="M", tp=2, gpu="h100-sxm"
    )
    assert report.data.traces[0].rank == 1
    assert report.data.model == "M"
    assert report.data.min_share_pct == 5


def test_a_mapping_trace_lends_its_sites() -> None:
    folder = Path(fuse_triage.example("mapping-formal"))
    report = fuse_triage.triage(folder / "formal", mapping=folder / "mapping")
    assert report.data.mode == "mapping-formal"


def test_all_ranks_and_ranks_side_by_side(example: str) -> None:
    reports = fuse_triage.triage_all_ranks(example)
    assert [report.data.traces[0].rank for report in reports] == [0, 1]
    ranks = fuse_triage.ranks(example)
    assert [rank.rank for rank in ranks.data.ranks] == [0, 1]
    assert ranks.data.summary


def test_a_diff_takes_traces_and_reports(example: str, report: Report) -> None:
    assert fuse_triage.diff(example, example).data.stages[0].stage == "decode"
    whole = fuse_triage.triage(example, min_share=0)
    assert fuse_triage.diff(whole, example).raw["stages"] == fuse_triage.diff(
        whole, whole
    ).raw["stages"]


def test_an_explanation_tells_of_an_action(example: str, report: Report) -> None:
    action = report.data.actions[0].id
    assert fuse_triage.explain(action, example).data.row == action


def test_a_report_can_be_stored_and_loaded(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    report.to_json(path)
    assert fuse_triage.load(path).raw == report.raw


def test_pages_are_those_of_the_command(example: str, report: Report, tmp_path: Path) -> None:
    assert report.to_text() == run("triage", example).stdout
    assert report.to_markdown() == run("triage", example, "--format", "markdown").stdout
    page = report.to_html(tmp_path / "report.html")
    assert page == (tmp_path / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert fuse_triage.ranks(example).to_text() == run("triage", "ranks", example).stdout


def test_notebooks_show_the_page_in_a_frame_of_its_own(report: Report) -> None:
    shown = report._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "&lt;!doctype html&gt;" in shown
    assert 'sandbox="allow-scripts allow-popups"' in shown


def test_a_gate_that_fails_keeps_what_was_judged(example: str) -> None:
    with pytest.raises(GateFailed) as caught:
        fuse_triage.triage(example, fail_on="mainline-split>0%")
    assert caught.value.code == "gate/failed"
    assert isinstance(caught.value.result, Report)
    with pytest.raises(GateFailed) as failed:
        fuse_triage.diff(example, example, budgets="decode.gpuTime<=1us")
    assert "decode.gpuTime" in failed.value.failures[0]


@pytest.mark.parametrize(
    ("call", "code", "exit_code"),
    [
        (lambda: fuse_triage.triage("no-such-trace"), "trace/no-such-path", 3),
        (lambda: fuse_triage.triage("-"), "trace/empty", 3),
        (lambda: fuse_triage.triage(REPOSITORY / "package.json"), None, 3),
        (lambda: fuse_triage.triage(fuse_triage.example(), rank=9), "trace/no-such-rank", 3),
        (lambda: fuse_triage.triage(fuse_triage.example(), rules="nowhere"), "rules/unreadable", 4),
        (lambda: fuse_triage.triage(fuse_triage.example(), fail_on="x>1%"), "gate/unknown", 2),
        (lambda: fuse_triage.ranks(fuse_triage.example("two-stream-overlap")), "ranks/too-few", 2),
        (lambda: fuse_triage.explain("no-such-row", fuse_triage.example()), None, 2),
        (lambda: fuse_triage.example("sglang"), "usage/no-such-example", 2),
        (lambda: fuse_triage.load("nowhere.json"), "report/unreadable", 3),
        (lambda: fuse_triage.load(REPOSITORY / "README.md"), "report/not-json", 3),
        (lambda: fuse_triage.load(REPOSITORY / "package.json"), "report/version", 3),
    ],
)
def test_mistakes_are_exceptions_with_code_and_hint(
    call: Any, code: str | None, exit_code: int
) -> None:
    with pytest.raises(TriageError) as caught:
        call()
    assert caught.value.exit == exit_code, caught.value
    if code is not None:
        assert caught.value.code == code
    assert caught.value.hint
    assert caught.value.hint in str(caught.value)


def test_broken_rules_say_where(example: str, tmp_path: Path) -> None:
    (tmp_path / "broken.fuse").write_text("fuse 2\nfuse broken {\n  titel 'x'\n")
    with pytest.raises(TriageError) as caught:
        fuse_triage.triage(example, rules=tmp_path)
    assert caught.value.exit == 4
    assert "broken.fuse" in (caught.value.place or "")


def test_a_report_of_another_version_is_refused(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({**report.raw, "schemaVersion": 1}))
    with pytest.raises(TriageError) as caught:
        fuse_triage.load(path)
    assert caught.value.code == "report/version"


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError):
        fuse_triage.traige  # noqa: B018
    assert "triage" in dir(fuse_triage)


def test_a_fleet_of_one_build(example: str, tmp_path: Path) -> None:
    run_text(["digest", example, "-o", f"{tmp_path}/nightly-1/"])
    try:
        fleet = fuse_triage.fleet(tmp_path).data
    except TriageError as error:
        if error.code != "fleet/no-duckdb":
            raise
        pytest.skip("DuckDB is not installed: npm install @duckdb/node-api or pip install duckdb-cli")
    assert [(one.build, one.digests) for one in fleet.builds] == [("nightly-1", 1)]
    assert fleet.flips == []
    assert fleet.left[0].build == "nightly-1"
