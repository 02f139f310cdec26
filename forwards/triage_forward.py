"""Hands a command line of an older tool on to `triage`, which runs on Node."""

import os
import shutil
import sys


def forward(*command: str) -> None:
    """Ends in `triage` with `command` before the arguments; with 127 where there is none."""
    here = os.path.dirname(os.path.realpath(__file__))
    built = os.path.join(here, os.pardir, "dist", "cli", "triage.js")
    node = shutil.which("node")
    if node is not None and os.path.exists(built):
        program = [node, built]
    else:
        found = shutil.which("triage")
        if found is None:
            sys.stderr.write(
                "error: neither `triage` nor Node with the built package is here\n"
                "  do: npm install --global fuse-triage, with Node 20.19 or later\n"
            )
            sys.exit(127)
        program = [found]
    sys.stdout.flush()
    os.execv(program[0], [*program, *command, *sys.argv[1:]])
