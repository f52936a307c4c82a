"""What does a function say in a process of its own?  It and its arguments come in pickled, what it returns goes out so."""

import pickle
import sys

if __name__ == "__main__":
    function, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - from who started this process
    pickle.dump(function(*arguments), sys.stdout.buffer)
