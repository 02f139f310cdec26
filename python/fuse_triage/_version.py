"""Version of the package, which is that of the program in it."""

from __future__ import annotations

import json

from ._program import program_file


def _read() -> str:
    with open(program_file("package.json"), encoding="utf-8") as file:
        version: str = json.load(file)["version"]
    return version


__version__ = _read()
