"""What a measurement needs: generated files, and the peers' own environment.  Made once, and kept."""

import json
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
GENERATOR = HERE.parents[1] / "shared" / "bench" / "make_workload.py"
FILES = HERE / ".files"
PEERS = HERE / ".peers"
PEER_VERSIONS = HERE / "peers.txt"


class NotReady(Exception):
    """Something that the benchmark needs is not there; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A generated file, and how many claims and lines it truly holds."""

    path: Path
    claims: int
    lines: int


def workload(claims: int, kind: str = "837p") -> Workload:
    """The file of `claims` made-up claims, or their remittance (835); the same bytes on every machine."""
    if not GENERATOR.exists():
        raise NotReady(
            f"The generator of claims is not there: {GENERATOR}. It lies beside the project, not in it."
        )
    path = FILES / f"{kind}-{claims}.x12"
    truth = path.with_name(path.name + ".truth.json")
    if not truth.exists():
        subprocess.run([sys.executable, GENERATOR, kind, str(claims), path], check=True)
    told = json.loads(truth.read_text())
    return Workload(path, told["claims"], told["lines"])


def peers_python() -> Path:
    """The interpreter of the peers' environment, which is made anew when their versions change."""
    python, installed = PEERS / "bin" / "python", PEERS / PEER_VERSIONS.name
    if not (installed.exists() and installed.read_text() == PEER_VERSIONS.read_text()):
        venv.create(PEERS, with_pip=True, clear=True)
        pip = (
            PEERS / "bin" / "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            PEER_VERSIONS,
        )
        if subprocess.run(pip, check=False).returncode:
            raise NotReady(
                "The peers could not be installed (pip's words above): `--peers none` does without."
            )
        shutil.copy(PEER_VERSIONS, installed)
    return python
