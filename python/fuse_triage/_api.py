"""The functions: each is one command of the program, its options as keywords."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Literal, Union, overload

from ._documents import Diff, Explanation, FleetReport, RanksReport, Report, report_of
from ._errors import GateFailed, TriageError
from ._program import program_file
from ._run import run_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Path = Union[str, "os.PathLike[str]"]
Stage = Literal["prefill", "extend", "decode", "mixed", "all"]
Framework = Literal["sglang", "vllm", "trtllm", "tokenspeed", "unknown"]


def triage(
    path: Path | Sequence[Path],
    *,
    rank: int | None = None,
    stage: Stage | None = None,
    mapping: Path | Sequence[Path] = (),
    rules: Path | None = None,
    framework: Framework | None = None,
    model: str | None = None,
    tp: int | None = None,
    gpu: str | None = None,
    device: int | None = None,
    pid_substring: str | None = None,
    min_share: float | None = None,
    max_bytes: int | None = None,
    force: bool = False,
    fail_on: str | Sequence[str] = (),
) -> Report:
    """Reads a trace, or the traces of a folder, and reports on one rank.

    :param path: a file (``.json``, ``.json.gz``, ``.json.zst``), a folder, or an address that
        fsspec opens, such as ``s3://bucket/run/``
    :param rank: rank to take where there are several; None takes the lowest
    :param mapping: trace that lends its Python sites to graph replays
    :param rules: folder of ``.fuse`` rules; None takes those of the package
    :param min_share: rows below this percentage of a stage's GPU time are left out; None is 1
    :param fail_on: gates of the policy
    :raises GateFailed: when a gate does not hold; ``result`` is the report
    :raises TriageError: for a trace or rules that cannot be used
    """
    options = _options(
        rank=rank,
        stage=stage,
        rules=_absolute(rules),
        framework=framework,
        model=model,
        tp=tp,
        gpu=gpu,
        device=device,
        pid_substring=pid_substring,
        min_share=min_share,
        max_bytes=max_bytes,
        force=force,
        fail_on=_list(fail_on),
    )
    with _opened(path, mapping) as (paths, lent, cwd):
        data, failed = run_json(
            ["triage", *_options(mapping_input=lent), *options, "--", *paths], cwd=cwd
        )
    report = report_of(data[0] if isinstance(data, list) else data)
    if failed:
        raise GateFailed(failed, report)
    return report


def triage_all_ranks(
    path: Path | Sequence[Path],
    *,
    stage: Stage | None = None,
    rules: Path | None = None,
    framework: Framework | None = None,
    min_share: float | None = None,
    jobs: int | None = None,
) -> list[Report]:
    """One report for each rank that can be read, by rank.

    :param jobs: ranks analysed at a time; None takes as many as cores and memory allow
    :raises TriageError: when no rank can be read
    """
    options = _options(
        stage=stage, rules=_absolute(rules), framework=framework, min_share=min_share, jobs=jobs
    )
    with _opened(path) as (paths, _, cwd):
        data, _told = run_json(["triage", "--all-ranks", *options, "--", *paths], cwd=cwd)
    return [report_of(one) for one in (data if isinstance(data, list) else [data])]


def diff(
    before: Path | Report,
    after: Path | Report,
    *,
    rank: int | None = None,
    stage: Stage | None = None,
    rules: Path | None = None,
    min_change: float | None = None,
    budgets: str | Sequence[str] = (),
    fail_on: str | Sequence[str] = (),
) -> Diff:
    """What changed between two traces or reports beyond noise.

    :param budgets: such as ``"decode.gpuTime<=+2%"``
    :raises GateFailed: when a budget or gate does not hold; ``result`` is the comparison
    :raises TriageError: for a side that cannot be used
    """
    options = _options(
        rank=rank,
        stage=stage,
        rules=_absolute(rules),
        min_change=min_change,
        budget=_list(budgets),
        fail_on=_list(fail_on),
    )
    with ExitStack() as stack:
        sides = [stack.enter_context(_side(side)) for side in (before, after)]
        data, failed = run_json(["diff", *options, "--", *sides])
    result = Diff.from_json(data)
    if failed:
        raise GateFailed(failed, result)
    return result


def ranks(
    path: Path | Sequence[Path],
    *,
    stage: Stage | None = None,
    rules: Path | None = None,
    framework: Framework | None = None,
    jobs: int | None = None,
) -> RanksReport:
    """The ranks of one job side by side: who is slow, who waits.

    :raises TriageError: when fewer than two ranks can be read
    """
    options = _options(stage=stage, rules=_absolute(rules), framework=framework, jobs=jobs)
    with _opened(path) as (paths, _, cwd):
        data, _told = run_json(["ranks", *options, "--", *paths], cwd=cwd)
    return RanksReport.from_json(data)


def fleet(path: Path) -> FleetReport:
    """What the digests below a folder tell together: rules that flipped between builds, kernels
    that got slower beyond noise, what is left on the table.

    :raises TriageError: ``fleet/no-duckdb`` where DuckDB is not installed (the extra ``fleet``),
        ``fleet/no-digests`` where there is no whole digest
    """
    data, _told = run_json(["fleet", "--", os.fspath(path)])
    return FleetReport.from_json(data)


def explain(
    row: str,
    path: Path | Sequence[Path],
    *,
    rank: int | None = None,
    stage: Stage | None = None,
    mapping: Path | Sequence[Path] = (),
    rules: Path | None = None,
    limit: int | None = None,
) -> Explanation:
    """All behind one row of a report.

    :param row: an action's id, a rule's id, or a kernel's name
    :param limit: occurrences of a rule told for each stage
    :raises TriageError: for a row that is not there
    """
    options = _options(rank=rank, stage=stage, rules=_absolute(rules), limit=limit)
    with _opened(path, mapping) as (paths, lent, cwd):
        data, _ = run_json(
            ["explain", *_options(mapping_input=lent), *options, "--", row, *paths], cwd=cwd
        )
    return Explanation.from_json(data)


def load(path: Path) -> Report:
    """A report that ``--format json`` or :meth:`Report.to_json` wrote; of several the first.

    :raises TriageError: for what is no report of this version
    """
    place = os.fspath(path)
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except OSError as error:
        raise TriageError(
            f"{place} could not be read: {error.strerror}.",
            code="report/unreadable",
            hint="Give a file that triage TRACE --format json -o FILE wrote.",
            place=place,
            exit=3,
        ) from error
    except ValueError as error:
        raise TriageError(
            f"The report is no whole JSON: {error}.",
            code="report/not-json",
            hint="Give a file that triage TRACE --format json -o FILE wrote.",
            place=place,
            exit=3,
        ) from error
    return report_of(data[0] if isinstance(data, list) and data else data, place)


def example(name: str = "sglang-tp2-decode") -> str:
    """The path of a trace that comes with the package, to try things on.

    :raises TriageError: for a name that is none of them
    """
    root = program_file("examples")
    names = sorted(one for one in os.listdir(root) if os.path.isdir(os.path.join(root, one)))
    if name not in names:
        raise TriageError(
            f"No example {name!r}; there are {', '.join(names)}.",
            code="usage/no-such-example",
            hint="Give one of these names.",
        )
    return os.path.join(root, name)


def _options(**given: Any) -> list[str]:
    """Keywords as the command line has them; None, False and empty lists say nothing."""
    options: list[str] = []
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        if value is None or value is False:
            continue
        if value is True:
            options.append(option)
        else:
            many = value if isinstance(value, list) else [value]
            options += [f"{option}={one}" for one in many]
    return options


@overload
def _absolute(path: None) -> None: ...
@overload
def _absolute(path: Path) -> str: ...
def _absolute(path: Path | None) -> str | None:
    return None if path is None else os.path.abspath(path)


def _list(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


@contextmanager
def _opened(
    path: Path | Sequence[Path], mapping: Path | Sequence[Path] = ()
) -> Iterator[tuple[list[str], list[str], str | None]]:
    """Paths that the program can open and the folder they are relative to, while it runs."""
    paths, lent = _paths(path), _paths(mapping)
    if not any("://" in one for one in [*paths, *lent]):
        yield paths, lent, None
        return
    from ._remote import local_copies

    with local_copies([*paths, *lent]) as (copies, folder):
        yield copies[: len(paths)], copies[len(paths) :], folder


def _paths(given: Path | Sequence[Path]) -> list[str]:
    many = [given] if isinstance(given, (str, os.PathLike)) else given
    return [os.fspath(one) for one in many]


@contextmanager
def _side(side: Path | Report) -> Iterator[str]:
    if isinstance(side, Report):
        with tempfile.TemporaryDirectory(prefix="fuse-triage-") as folder:
            path = os.path.join(folder, "report.json")
            side.to_json(path)
            yield path
    else:
        with _opened(side) as (paths, _, cwd):
            yield paths[0] if cwd is None else os.path.join(cwd, paths[0])
