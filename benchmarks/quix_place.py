"""Where does Quix Streams run?  In an environment of its own, which `make bench` makes."""

from benchmarks.policies import ROOT

PYTHON = ROOT / ".venv" / "bench" / "bin" / "python"
SCRIPT = ROOT / "benchmarks" / "quix.py"
