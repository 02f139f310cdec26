"""A handler for torch.profiler that leaves a report beside each trace."""

from __future__ import annotations

import os
import socket
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any, Literal

from ._api import triage
from ._errors import TriageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._documents import Report

Format = Literal["html", "text", "markdown", "json"]
_ENDINGS = {"html": "html", "text": "txt", "markdown": "md", "json": "json"}


def on_trace_ready(
    folder: str | os.PathLike[str],
    *,
    worker: str | None = None,
    format: Format | None = "html",
    then: Callable[[Report], object] | None = None,
    **options: Any,
) -> Callable[[Any], None]:
    """A handler for ``torch.profiler.profile(on_trace_ready=…)``.

    Writes each trace to ``folder`` as ``WORKER.TIME.rank-R.pt.trace.json.gz``, and its report
    beside it. What goes wrong with a report is a warning: the profiled program goes on.

    :param worker: name of this process in the files; None is host and process id
    :param format: of the report beside the trace; None writes none
    :param then: called with the report
    :param options: those of :func:`triage`
    """
    if format is not None and format not in _ENDINGS:
        raise TriageError(
            f"No format {format!r}; there are {', '.join(_ENDINGS)}.",
            code="usage/bad-value",
            hint='Say format="html", or None to write no report.',
        )
    target = os.fspath(folder)

    def handler(profile: Any) -> None:
        os.makedirs(target, exist_ok=True)
        name = f"{worker or _worker()}.{time.time_ns()}{_rank()}"
        trace = os.path.join(target, f"{name}.pt.trace.json.gz")
        profile.export_chrome_trace(trace)
        try:
            report = triage(trace, **options)
            if format is not None:
                write = getattr(report, f"to_{format}")
                write(os.path.join(target, f"{name}.report.{_ENDINGS[format]}"))
        except TriageError as error:
            warnings.warn(f"no report of {trace}: {error}", stacklevel=2)
            return
        if then is not None:
            then(report)

    return handler


def _worker() -> str:
    return f"{socket.gethostname()}_{os.getpid()}"


def _rank() -> str:
    """".rank-3" in a job of several; torch is asked only where the program has loaded it."""
    torch = sys.modules.get("torch")
    distributed = getattr(torch, "distributed", None)
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return ""
    return f".rank-{distributed.get_rank()}"
