"""The pages about Python: their examples and their notebook run; the README's commands too."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, SCRIPTS

PAGE = (REPOSITORY / "docs" / "python.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
NOTEBOOK = REPOSITORY / "docs" / "python.ipynb"
READMES = [REPOSITORY / "README.md", REPOSITORY / "python" / "README.md"]


@pytest.mark.parametrize("code", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "docs/python.md", "exec"), {"__name__": "__main__"})


def test_there_is_an_example_of_each_thing() -> None:
    for name in ("triage(", "kernels(", "diff(", "ranks(", "explain(", "on_trace_ready(", "GateFailed"):
        assert any(name in code for code in EXAMPLES), name


def test_the_notebook_runs_and_shows_its_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
    scope: dict[str, Any] = {}
    shown = [run_cell("".join(cell["source"]), scope) for cell in cells]
    assert shown[-1]._repr_html_().startswith("<iframe")
    assert len(shown[1]) > 0
    assert all(cell["outputs"] == [] for cell in cells), "stored outputs would age"


def run_cell(source: str, scope: dict[str, Any]) -> Any:
    """As a notebook does: the value of a last expression is shown."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), scope)
    return None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), scope)


def commands_of(page: Path) -> list[str]:
    """Lines of the page's shell blocks that Python's tools run, without their remarks."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text(), re.M | re.S)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.split(" ")[0] in ("pip", "uvx", "python", "python3")]


COMMANDS = sorted({command for page in READMES for command in commands_of(page)})


def test_the_readmes_tell_how_to_install() -> None:
    for page in READMES:
        assert "pip install fuse-triage" in commands_of(page)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readmes_runs(command: str, example: str, tmp_path: Path) -> None:
    (tmp_path / "TRACE").symlink_to(example)
    wheels = os.environ["FUSE_TRIAGE_WHEELS"]
    # Only what was just built, and the Node beside it: no index is asked.
    env = {
        **os.environ,
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels, "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_INDEX": "1", "UV_FIND_LINKS": wheels, "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_PYTHON": sys.executable, "UV_TOOL_DIR": str(tmp_path / "tools"),
    }
    ended = subprocess.run(command, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
