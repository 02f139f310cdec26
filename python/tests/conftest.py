"""The tests run against an installed package, never against the sources beside them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

import fuse_triage

SCRIPTS = Path(sysconfig.get_path("scripts"))
PACKAGE = Path(fuse_triage.__file__).parent
REPOSITORY = Path(__file__).parents[2]

if not PACKAGE.is_relative_to(Path(sys.prefix)) or not (PACKAGE / "program").is_dir():
    raise pytest.UsageError(
        f"{PACKAGE} is no installed package: run these tests by `npm run test:python`"
    )


def run(
    command: str,
    *args: str,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
) -> subprocess.CompletedProcess[str]:
    """A command of the package as a user calls it."""
    ended = subprocess.run(
        [str(SCRIPTS / command), *args],
        env={**os.environ, **(env or {})},
        cwd=cwd,
        input=stdin,
        capture_output=True,
    )
    return subprocess.CompletedProcess(
        ended.args, ended.returncode, ended.stdout.decode(), ended.stderr.decode()
    )


@pytest.fixture(scope="session")
def example() -> str:
    return fuse_triage.example()


@pytest.fixture(scope="session")
def report(example: str) -> fuse_triage.Report:
    return fuse_triage.triage(example)


@pytest.fixture(scope="session")
def printed(example: str) -> Any:
    """What the command prints of the same trace."""
    return json.loads(run("triage", example, "--format", "json").stdout)
