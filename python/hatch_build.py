"""Stops a build that would leave out the program, because nobody has built it yet."""

from __future__ import annotations

import os
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProgramIsBuilt(BuildHookInterface):  # type: ignore[type-arg]
    """Looks for what `npm run build` writes."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        script = os.path.join(self.root, "dist", "cli", "triage.js")
        if not os.path.isfile(script):
            raise RuntimeError(
                f"{script} is not there: the program is not built.\n"
                "  do: npm ci && npm run build, then build the Python package"
            )
