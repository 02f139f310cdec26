"""What is in the wheel and in the source distribution."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from conftest import REPOSITORY

DIST = Path(os.environ["FUSE_TRIAGE_DIST"])
[WHEEL] = DIST.glob("*.whl")
[SDIST] = DIST.glob("*.tar.gz")


def test_the_wheel_is_for_every_platform() -> None:
    assert WHEEL.name.endswith("-py3-none-any.whl")


def test_the_wheel_holds_program_rules_and_licences_and_no_maps() -> None:
    names = zipfile.ZipFile(WHEEL).namelist()
    for name in (
        "fuse_triage/py.typed",
        "fuse_triage/program/package.json",
        "fuse_triage/program/dist/cli/triage.js",
        "fuse_triage/program/dist/scan.wasm",
        "fuse_triage/program/rules/.rules-pack.json",
        "fuse_triage/program/references/report.schema.json",
        "fuse_triage/program/dist/licences/chevrotain.txt",
    ):
        assert name in names
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
    strays = [n for n in names if n.endswith(".map") or n.split("/")[0] not in
              {"fuse_triage", WHEEL.name.replace("-py3-none-any.whl", ".dist-info")}]
    assert strays == []


def test_the_source_distribution_makes_the_same_wheel(tmp_path: Path) -> None:
    with tarfile.open(SDIST) as archive:
        archive.extractall(tmp_path, filter="data")
    [root] = tmp_path.iterdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")],
        cwd=root, check=True, capture_output=True,
    )
    [again] = (tmp_path / "again").glob("*.whl")

    def contents(path: Path) -> dict[str, int]:
        return {i.filename: i.CRC for i in zipfile.ZipFile(path).infolist() if "RECORD" not in i.filename}

    assert contents(again) == contents(WHEEL)


def test_an_unbuilt_checkout_says_what_to_do(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "package.json", "LICENSE", "python"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    ended = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=tmp_path, capture_output=True, text=True,
    )
    assert ended.returncode != 0
    assert "npm ci && npm run build" in ended.stderr + ended.stdout


@pytest.mark.skipif(sys.version_info < (3, 11), reason="reads pyproject.toml")
def test_versions_agree() -> None:
    import json

    import fuse_triage

    manifest = json.loads((REPOSITORY / "package.json").read_text())
    assert fuse_triage.__version__ == manifest["version"]
    assert f"-{manifest['version']}-" in WHEEL.name
