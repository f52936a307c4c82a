"""How does the engine become machine code?  mypyc compiles it, from the same sources, into a wheel for one platform.

Without being asked for (``HATCH_BUILD_HOOK_ENABLE_CUSTOM=true``, see ``make compile``) a wheel is plain Python and does the
same; `make bench` measures both.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGES = ("stream", "topics")
LEFT_AS_THEY_ARE = {"__init__", "alerts", "states"}
"""Modules of structs, which msgspec makes of the annotations of living classes."""
BESIDE = (
    "stream/engine/kinds/__init__.py",
    "stream/policy/spec.py",
    "stream/worker/intake.py",
    "topics/times.py",
)
"""What the engine asks for at every event, and the loop over all events."""
GROUP = "shopwatch_engine"
FLAGS = "-fvisibility=hidden -fno-semantic-interposition -fno-plt"
"""Its functions are called by nobody but itself, and so need not be looked up where one calls the other."""


class CompiledEngine(BuildHookInterface[Any]):
    """Adds what mypyc makes of `stream.engine` to the wheel, beside the sources, which a traceback shows."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Compile; what fails ends the build."""
        self.place = Path(mkdtemp(prefix="shopwatch-compile-"))
        for package in PACKAGES:
            shutil.copytree(Path(self.root, package), self.place / package)
        subprocess.run([sys.executable, __file__], cwd=self.place, check=True)  # noqa: S603 - this very file
        shutil.rmtree(self.place / "build")
        made = [path for suffix in ("*.so", "*.pyd") for path in self.place.rglob(suffix)]
        build_data["force_include"] |= {str(path): str(path.relative_to(self.place)) for path in made}
        build_data |= {"pure_python": False, "infer_tag": True}

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - as above
        """Nothing is left behind."""
        shutil.rmtree(self.place)


def sources() -> Sequence[str]:
    """The modules to be compiled, from where the packages lie."""
    found = [
        path for path in sorted(Path("stream/engine").rglob("*.py")) if path.stem not in LEFT_AS_THEY_ARE
    ]
    return [*map(str, found), *BESIDE]


def compile_here() -> None:
    """Compile the packages in the working directory, in place."""
    from mypyc.build import mypycify  # noqa: PLC0415 - only who compiles needs it
    from setuptools import setup  # noqa: PLC0415 - as above

    os.environ["CFLAGS"] = f"{os.environ.get('CFLAGS', '')} {FLAGS}"
    # Quiet: what mypy has to say `make check` has heard.
    modules = mypycify(["--strict", *sources()], opt_level="3", debug_level="0", group_name=GROUP)
    setup(name=GROUP, packages=[], ext_modules=modules, script_args=["--quiet", "build_ext", "--inplace"])


if __name__ == "__main__":
    compile_here()
