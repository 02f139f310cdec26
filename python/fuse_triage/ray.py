"""Digests of a whole run over a Ray cluster; the ranks side by side at the end.

Ray places, retries and counts; a task is one ``triage digest`` on one trace. What one task needs is
one core and some times its trace's size in memory. Ray is optional: ``pip install ray``.
"""

from __future__ import annotations

import glob
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ._errors import TriageError
from ._run import run_json, run_text

if TYPE_CHECKING:
    from collections.abc import Sequence

SUFFIX = ".digest.parquet"


@dataclass(frozen=True)
class Outcome:
    """What came of one trace: ``made``, ``kept`` (it was there, whole) or ``failed``."""

    trace: str
    digest: str
    state: str
    problem: str | None = None


@dataclass(frozen=True)
class Fleet:
    """What came of all traces, by path; ``ranks`` is None where fewer than two digests are there."""

    outcomes: list[Outcome] = field(default_factory=list)
    ranks: Any = None

    @property
    def failed(self) -> list[Outcome]:
        return [one for one in self.outcomes if one.state == "failed"]


def run(
    traces: str | Sequence[str],
    *,
    out: str,
    options: Sequence[str] = (),
    retries: int = 2,
    cpus: float = 1,
    memory: int | None = None,
    compare: bool = True,
) -> Fleet:
    """Makes the digest of every trace on the cluster, then puts the ranks side by side.

    Paths and ``out`` must be seen by every node: a shared file system, or one that fsspec opens
    (``s3://…``; each task then fetches its trace). A digest that is there and whole is not made
    again, so that a run that was ended is resumed by running it again.

    :param traces: a path, a pattern with ``**``, or several
    :param options: more for ``triage digest``, such as ``["--build", "nightly"]``
    :param retries: how often a task is tried again whose node or process was lost; a trace that
        cannot be read is told of and not tried again
    :param memory: bytes that a task is given by Ray's scheduler; None asks for none
    :raises TriageError: ``fleet/no-ray`` without Ray, ``trace/none`` where no trace matches
    """
    ray = _ray()
    paths = _matching(traces)
    if not paths:
        raise TriageError(
            f"No trace matches {traces}.",
            code="trace/none",
            hint="Name files, or a pattern such as run/**/*.json.gz.",
            exit=3,
        )
    if not ray.is_initialized():
        ray.init(log_to_driver=False)
    asked: dict[str, Any] = {"num_cpus": cpus, "max_retries": retries, "retry_exceptions": False}
    if memory is not None:
        asked["memory"] = memory
    task = ray.remote(digest_one).options(**asked)
    targets = _targets(paths, out)
    waiting = {
        task.remote(path, target, list(options)): (path, target)
        for path, target in zip(paths, targets)
    }
    outcomes = []
    while waiting:
        # One by one as they end: the slowest trace holds up none of the others.
        (done,), _ = ray.wait(list(waiting), num_returns=1)
        path, target = waiting.pop(done)
        try:
            state, problem = ray.get(done)
        except ray.exceptions.RayError as error:
            lines = str(error).strip().splitlines()
            state, problem = "failed", lines[-1] if lines else type(error).__name__
        outcomes.append(Outcome(path, target, state, problem))
    outcomes.sort(key=lambda one: paths.index(one.trace))
    whole = [one.digest for one in outcomes if one.state != "failed"]
    if not compare or len(whole) < 2:
        return Fleet(outcomes)
    document, _told = run_json(["ranks", "--", *whole])
    return Fleet(outcomes, document)


def digest_one(path: str, target: str, options: Sequence[str]) -> tuple[str, str | None]:
    """One trace to its digest; what a task of any scheduler runs.

    :returns: ``made``, ``kept`` or ``failed``, and what was wrong
    """
    from ._api import _opened

    try:
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        with _opened([path]) as (local, _, cwd):
            told, _failed = run_text(
                ["digest", *local, "--resume", "-o", os.path.abspath(target), *options], cwd=cwd
            )
    except TriageError as error:
        return "failed", str(error)
    return told.split(" ", 1)[0], None


def _targets(paths: Sequence[str], out: str) -> list[str]:
    """Below ``out`` as the traces lie below the folder they share."""
    if len(paths) == 1:
        return [os.path.join(out, os.path.basename(paths[0]) + SUFFIX)]
    shared = os.path.commonpath([os.path.dirname(path) for path in paths])
    return [os.path.join(out, os.path.relpath(path, shared or ".") + SUFFIX) for path in paths]


def _matching(traces: str | Sequence[str]) -> list[str]:
    patterns = [traces] if isinstance(traces, (str, os.PathLike)) else list(traces)
    found: set[str] = set()
    for pattern in map(os.fspath, patterns):
        if "://" in pattern:
            found.update(_matching_remote(pattern))
        else:
            found.update(os.path.abspath(path) for path in glob.glob(pattern, recursive=True))
    return sorted(path for path in found if _may_be_trace(path))


def _matching_remote(pattern: str) -> list[str]:
    import fsspec  # type: ignore[import-not-found, import-untyped, unused-ignore]

    files = fsspec.open_files(pattern)
    return [f"{files.fs.unstrip_protocol(one.path)}" for one in files]


def _may_be_trace(path: str) -> bool:
    name = os.path.basename(path)
    is_trace = name.endswith((".json", ".json.gz", ".json.zst", ".trace", ".gz"))
    sidecars = {"server_args.json", "metadata.json", "config.json", "capture.json"}
    return is_trace and name not in sidecars and ("://" in path or os.path.isfile(path))


def _ray() -> Any:
    try:
        import ray  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise TriageError(
            "Ray is not installed.",
            code="fleet/no-ray",
            hint="pip install ray; or run triage digest in a plain array, see docs/fleets.md.",
            exit=2,
        ) from error
    return ray


def main(argv: Sequence[str] | None = None) -> int:
    """``python -m fuse_triage.ray 'run/**' OUT``: the outcomes as JSON; 3 where one failed."""
    import sys

    given = list(sys.argv[1:] if argv is None else argv)
    if len(given) < 2:
        sys.stderr.write("usage: python -m fuse_triage.ray 'TRACES' OUT [triage digest options]\n")
        return 2
    fleet = run(given[0], out=given[1], options=given[2:], compare=False)
    sys.stdout.write(json.dumps([vars(one) for one in fleet.outcomes], indent=2) + "\n")
    return 3 if fleet.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
