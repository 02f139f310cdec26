"""What a type checker makes of the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import PACKAGE

CONSUMER = '''
import fuse_triage
from fuse_triage.schema.report import Action, Kernel

report = fuse_triage.triage("run/", rank=0, stage="decode")
action: Action = report.data.actions[0]
saved: float = action.saves.pct_of_step
kernels: list[Kernel] = report.data.stages[0].kernels
reveal_type(report.data.stages[0].kernels[0].role)
try:
    diff = fuse_triage.diff(report, "after/")
    seconds: float = diff.data.stages[0].kernels[0].before.us if diff.data.stages else 0
except fuse_triage.TriageError as error:
    print(error.code, error.hint)
fuse_triage.triage("run/", rank="0")
'''


def test_the_package_and_what_uses_it(tmp_path: Path) -> None:
    consumer = tmp_path / "consumer.py"
    consumer.write_text(CONSUMER)
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"),
         "-p", "fuse_triage", "--no-error-summary"],
        cwd=tmp_path, capture_output=True, text=True,
    )
    assert checked.stdout == ""
    used = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"),
         "--no-error-summary", str(consumer)],
        cwd=tmp_path, capture_output=True, text=True,
    )
    lines = [line.split(": ", 1)[1] for line in used.stdout.splitlines()]
    assert 'note: Revealed type is "builtins.str | None"' in lines or 'note: Revealed type is "Union[builtins.str, None]"' in lines
    assert any('Argument "rank" to "triage" has incompatible type "str"' in line for line in lines)


def test_it_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()
