"""Known weaknesses of the pinned packages, as `make check` asks for them.

Fails where an advisory speaks of a pinned version.  Where no service of advisories answers, it says so and
how many packages were not looked up; nothing is passed over in silence.
"""

import json
import subprocess
import sys
from pathlib import Path

SECONDS = 240
LOCK = Path(__file__).parent.parent / "requirements.lock"


def main() -> int:
    """Tell what is known; 1 where something is."""
    command = ["-m", "pip_audit", "--requirement", str(LOCK), "--no-deps", "--disable-pip"]
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and arguments
            [sys.executable, *command, "--format", "json", "--progress-spinner", "off"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        told = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        print("audit: NOT DONE, no service of advisories answers; run `make audit` where one can be reached")
        return 0
    unknown = [one["name"] for one in told if "skip_reason" in one]
    weak = [(one["name"], one["version"], vuln["id"]) for one in told for vuln in one.get("vulns", ())]
    for name, version, advisory in weak:
        print(f"audit: {name} {version} has {advisory}")
    looked = len(told) - len(unknown)
    rest = f"; NOT looked up, as no advisories could be had of them: {len(unknown)}" if unknown else ""
    print(f"audit: {looked} packages looked up, {len(weak)} advisories{rest}")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())
