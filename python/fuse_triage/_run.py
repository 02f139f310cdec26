"""Running the program for the API: a document out, or an exception."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from ._errors import TriageError, no_node
from ._program import command_file, nodes, search_path

if TYPE_CHECKING:
    from collections.abc import Sequence

GATE_FAILED = 1


def run_json(args: Sequence[str], *, cwd: str | None = None) -> tuple[Any, list[str]]:
    """Runs ``triage`` with ``--format json``.

    :returns: the document, and what gates and budgets failed by, in words
    :raises TriageError: for what the program refuses
    """
    command, *rest = args
    out, told = run_text([command, "--format", "json", *rest], cwd=cwd)
    try:
        return json.loads(out), told
    except ValueError as error:
        raise TriageError(
            f"The program printed no JSON: {error}",
            code="internal/unexpected",
            hint="This is a fault of the program, not of your input. Please report it.",
            exit=70,
        ) from error


def run_text(
    args: Sequence[str], *, cwd: str | None = None, stdin: bytes | None = None
) -> tuple[str, list[str]]:
    """Runs ``triage``: what it printed, and what gates and budgets failed by, in words.

    :raises TriageError: for what the program refuses
    """
    ended = run_command(
        ["triage", *args], {"FUSE_TRIAGE_ERRORS": "json", "NO_COLOR": "1"}, cwd=cwd, stdin=stdin
    )
    errors, failed = _told(ended.stderr.decode("utf-8", "replace"))
    # Of several ranks some may be unreadable: the others' reports were printed.
    if ended.returncode not in (0, GATE_FAILED) and not ended.stdout:
        raise _error(errors, ended)
    if ended.returncode == GATE_FAILED and not failed:
        raise _error(errors, ended)
    return ended.stdout.decode("utf-8"), failed


def run_command(
    command: Sequence[str],
    env: dict[str, str],
    *,
    cwd: str | None = None,
    stdin: bytes | None = None,
    captured: bool = True,
) -> subprocess.CompletedProcess[bytes]:
    """Runs a command of the program on the first Node that runs at all.

    :raises TriageError: when there is none
    """
    name, *args = command
    script = command_file(name)
    if not os.path.isfile(script):
        raise TriageError(
            "The program is not there: this checkout is not built, or the package not whole.",
            code="package/broken",
            hint="In a checkout: npm ci && npm run build. Else install fuse-triage again.",
            place=script,
            exit=70,
        )
    pipe = subprocess.PIPE if captured else None
    refused = []
    for node in nodes():
        try:
            return subprocess.run(
                [node, script, *args],
                env={**os.environ, "PATH": search_path(), **env},
                cwd=cwd,
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None and captured else None,
                stdout=pipe,
                stderr=pipe,
            )
        except OSError as error:
            refused.append((node, error))
    raise no_node(refused)


def _told(stderr: str) -> tuple[list[TriageError], list[str]]:
    """What one line of JSON each says on stderr; other lines are remarks for people."""
    errors: list[TriageError] = []
    failed: list[str] = []
    for line in stderr.splitlines():
        if not line.startswith("{"):
            continue
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if "error" in told:
            errors.append(TriageError.from_json(told["error"]))
        if "failed" in told:
            failed.append(told["failed"]["words"])
    return errors, failed


def _error(
    errors: list[TriageError], ended: subprocess.CompletedProcess[bytes]
) -> TriageError:
    if errors:
        return errors[0]
    last = ended.stderr.decode("utf-8", "replace").strip()[-2000:]
    return TriageError(
        f"Node ended with {ended.returncode}: {last or 'nothing was told'}",
        code="node/failed",
        hint="Run the same with the triage command; if it fails there, too, report it.",
        exit=ended.returncode,
    )
