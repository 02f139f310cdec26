"""The commands: each becomes Node running the program, so that nothing stands in between."""

from __future__ import annotations

import os
import sys

from ._program import command_file, nodes, search_path


def triage() -> None:
    """The command ``triage``."""
    _become("triage")


def rules() -> None:
    """The command ``rules``."""
    _become("rules")


def fuse_triage() -> None:
    """The command ``fuse-triage``: ``triage``, and ``rules`` as its first word."""
    _become("fuse-triage")


def _become(name: str) -> None:
    args = sys.argv[1:]
    if any("://" in arg for arg in args):
        # Loads libraries that a local trace needs none of.
        from ._remote import run_with_local_copies

        sys.exit(run_with_local_copies(name, args))
    os.environ["PATH"] = search_path()
    script = command_file(name)
    refused = []
    for node in nodes():
        try:
            _execute([node, script, *args])
        except OSError as error:
            refused.append((node, error))
    from ._errors import no_node

    sys.exit(no_node(refused).print())


def _execute(command: list[str]) -> None:
    """Returns only when the command cannot be run at all, by raising."""
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    # Windows has no exec: the parent would end before its child.
    import subprocess

    try:
        sys.exit(subprocess.run(command).returncode)
    except KeyboardInterrupt:
        sys.exit(130)
