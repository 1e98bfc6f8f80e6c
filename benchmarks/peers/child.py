"""
One peer, in a process of its own: `python child.py PEER [ABSENT...]`.

Each line of its input is a page size and a base URL. It reads the list once, and answers with the records that it got,
the sum of their ids, and the processor and the elapsed seconds that it took.

Packages that are absent cannot be imported, though they are installed: another peer has brought them.

It is run as a program, by whatever interpreter has the peer's packages, and so imports none of the benchmarks.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time


def main(peer: str, *absent: str) -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a peer logs stays out of the answers
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type] # None there is what keeps them out
    read = importlib.import_module(peer).read
    gc.collect()
    gc.freeze()  # what the imports left is nobody's work
    print("ready", file=answers)
    for line in sys.stdin:
        size, base_url = line.split()
        gc.collect()
        spent, began = time.process_time(), time.perf_counter()
        ids = read(base_url, int(size))
        answer = {
            "count": len(ids),
            "total": sum(ids),
            "cpu": time.process_time() - spent,
            "wall": time.perf_counter() - began,
        }
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
