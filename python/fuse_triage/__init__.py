"""Triage of torch.profiler traces of LLM serving engines.

``triage(path)`` reads a trace and returns a :class:`Report`: what to do first, where the time
went, and the tables of kernels, overlap opportunities and fuse patterns. The work is done by the
same program that the ``triage`` command runs; this package brings it, and a Node to run it on.
"""

from __future__ import annotations

# What type checkers take for true; importing it from typing would be most of a command's start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._api import diff as diff
    from ._api import example as example
    from ._api import explain as explain
    from ._api import fleet as fleet
    from ._api import load as load
    from ._api import ranks as ranks
    from ._api import triage as triage
    from ._api import triage_all_ranks as triage_all_ranks
    from ._documents import Diff as Diff
    from ._documents import Explanation as Explanation
    from ._documents import FleetReport as FleetReport
    from ._documents import RanksReport as RanksReport
    from ._documents import Report as Report
    from ._errors import GateFailed as GateFailed
    from ._errors import TriageError as TriageError
    from ._profiler import on_trace_ready as on_trace_ready
    from ._version import __version__ as __version__

# Loaded when used: the commands import this package, too, and are to start at once.
_PLACES = {
    "diff": "_api",
    "example": "_api",
    "explain": "_api",
    "fleet": "_api",
    "load": "_api",
    "ranks": "_api",
    "triage": "_api",
    "triage_all_ranks": "_api",
    "Diff": "_documents",
    "Explanation": "_documents",
    "FleetReport": "_documents",
    "RanksReport": "_documents",
    "Report": "_documents",
    "GateFailed": "_errors",
    "TriageError": "_errors",
    "on_trace_ready": "_profiler",
    "__version__": "_version",
}

__all__ = [*_PLACES]


def __getattr__(name: str) -> object:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{place}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
