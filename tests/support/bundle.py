"""The bundle as the platform gets it: staged, unpacked, and served where nothing of the checkout can be imported."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def stage(bundle: Path, checkout: Path = ROOT) -> Path:
    """Stage the bundle of a checkout."""
    command = [sys.executable, "scripts/bundle.py", str(bundle)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    return bundle


def unpack(folder: Path) -> Path:
    """Stage the bundle and unpack it."""
    with zipfile.ZipFile(stage(folder.with_suffix(".zip"))) as archive:
        archive.extractall(folder)
    return folder


def python(folder: Path) -> Path:
    """Make an interpreter that has the installed packages, and does not know the checkout."""
    venv.create(folder, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(folder), "platbase": str(folder)}))
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin" / "python"


def framework(interpreter: Path, unpacked: Path, target: str, port: int) -> list[str]:
    """Give the command that the platform serves one function with."""
    source = str(unpacked / "main.py")
    serve = ["-P", "-m", "functions_framework", "--source", source, "--target", target]
    return [str(interpreter), *serve, "--host", "127.0.0.1", "--port", str(port)]
