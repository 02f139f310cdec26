"""Traces on object stores: fsspec fetches them, then the program reads local copies."""

from __future__ import annotations

import os
import posixpath
import re
import tempfile
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._errors import TriageError
from ._run import run_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Of a folder only what a run leaves: traces, and the settings beside them.
_WANTED = re.compile(r"\.json(\.gz|\.zst)?$|\.log$")
_ADDRESS = re.compile(r"^(--[\w-]+=)?([A-Za-z][\w+.-]*)://")
# Servers that the program itself talks to.
_NOT_OURS = {"http", "https"}


@contextmanager
def local_copies(paths: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    """Copies of what addresses name, in a folder that is gone afterwards.

    :returns: for each address the path of its copy below the folder, which is the address without
        its scheme, so that a report names the same whoever reads it; other paths absolute
    :raises TriageError: for what cannot be fetched
    """
    with tempfile.TemporaryDirectory(prefix="fuse-triage-") as folder:
        copies = [
            _fetched(path, folder) if "://" in path else os.path.abspath(path) for path in paths
        ]
        yield copies, folder


def run_with_local_copies(name: str, args: Sequence[str]) -> int:
    """Runs a command whose arguments name addresses; returns its exit code."""
    try:
        with tempfile.TemporaryDirectory(prefix="fuse-triage-") as folder:
            local = [_argument(arg, folder) for arg in args]
            return run_command([name, *local], {}, captured=False).returncode
    except TriageError as error:
        return error.print()
    except KeyboardInterrupt:
        return 130


def _argument(arg: str, folder: str) -> str:
    found = _ADDRESS.match(arg)
    if found is None or found[2].lower() in _NOT_OURS:
        return arg
    option = found[1] or ""
    return option + os.path.join(folder, _fetched(arg[len(option) :], folder))


def _fetched(address: str, folder: str) -> str:
    """Copies a file, or the traces of a folder; returns the path below ``folder``."""
    filesystem, path = _filesystem(address)
    try:
        if filesystem.isdir(path):
            files = [one for one in filesystem.find(path) if _WANTED.search(one)]
            if not files:
                raise _missing(address, "holds no *.json, *.json.gz or *.json.zst")
        elif filesystem.exists(path):
            files = [path]
        else:
            raise _missing(address, "does not exist")
        for file in files:
            local = os.path.join(folder, *_parts(file))
            os.makedirs(os.path.dirname(local), exist_ok=True)
            filesystem.get_file(file, local)
    except TriageError:
        raise
    except Exception as error:  # Each store has exceptions of its own.
        raise TriageError(
            f"{address} could not be fetched: {error}",
            code="trace/unreadable",
            hint="Check the address and the credentials that its store wants.",
            place=address,
            exit=3,
        ) from error
    return os.path.join(*_parts(path))


def _filesystem(address: str) -> tuple[Any, str]:
    try:
        url_to_fs = import_module("fsspec.core").url_to_fs
    except ImportError as error:
        raise TriageError(
            f"{address} is no local path, and fsspec is not installed.",
            code="python/no-fsspec",
            hint="pip install fsspec and the store's own package (s3fs, gcsfs), or pipe the "
            "trace: aws s3 cp ADDRESS - | triage -",
            place=address,
        ) from error
    try:
        filesystem, path = url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise TriageError(
            f"{address} cannot be opened: {error}",
            code="python/no-fsspec",
            hint="Install the package that fsspec names, or pipe the trace into triage -.",
            place=address,
        ) from error
    return filesystem, path


def _parts(path: str) -> list[str]:
    """Names of a path of a store, none of which leads out of the folder it is copied to."""
    names = posixpath.normpath("/" + path.replace("\\", "/")).split("/")
    return [re.sub(r'[:*?"<>|\0]', "_", name) for name in names if name]


def _missing(address: str, what: str) -> TriageError:
    return TriageError(
        f"{address} {what}.",
        code="trace/no-such-path",
        hint="Check the spelling; give a trace or the folder that the profiler wrote to.",
        place=address,
        exit=3,
    )
