#!/usr/bin/env python3
"""Compares unroll with PyTorch and with oneDNN's RNN primitives on the same machine, in the same minutes.

    scripts/bench_peers.py --quick                     a few points
    scripts/bench_peers.py --all --json peers.json     the whole grid (half an hour; --rounds 1: nine minutes)
    scripts/bench_peers.py --points lstm:64:32:50,gru:16:1:200:many
    scripts/bench_peers.py --sweep                     a whole sweep, a PyTorch process on each core

Points: all programs are kept on one core and measured in turn, in small blocks, several rounds, in changing
order; every number is a median over the rounds of processor time. oneDNN's step is the recurrent layer alone:
no loss, no head, no clipping, no optimizer. Needs PyTorch in the interpreter of --python; oneDNN is compared
where tests/bench/onednn_peer is built (see tests/bench/README.md).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from peers import points, sweep
from peers.programs import ISA_ENVIRONMENT, ROOT, fail


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--points", help="CELL:HIDDEN:BATCH:STEPS[:one|many],...")
    what.add_argument("--quick", action="store_true", help="a few points (the default)")
    what.add_argument("--all", action="store_true", help="the whole grid")
    what.add_argument("--sweep", action="store_true", help="a whole sweep")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="for the points")
    parser.add_argument("--epochs", type=int, default=3, help="of each run of --sweep")
    parser.add_argument("--isa", choices=list(ISA_ENVIRONMENT), help="of all programs; the default is unroll's here")
    parser.add_argument("--unroll", default=str(ROOT / "build/release/src/cli/unroll"))
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has PyTorch")
    parser.add_argument("--onednn", default=str(ROOT / "build/bench/tests/bench/onednn_peer"))
    parser.add_argument("--json", metavar="FILE", help="also write everything there")
    arguments = parser.parse_args()
    arguments.quick = arguments.quick or not (arguments.points or arguments.all or arguments.sweep)
    if arguments.rounds < 1 or arguments.epochs < 1:
        parser.error("--rounds and --epochs are at least 1")
    if not Path(arguments.unroll).exists():
        fail(f"{arguments.unroll} is not built", "cmake --preset release && cmake --build --preset release, or --unroll")
    if not arguments.isa:
        arguments.isa = json.loads(subprocess.check_output([arguments.unroll, "info", "--json"]))["instruction_set"]
        if arguments.isa not in ISA_ENVIRONMENT:
            fail(f"the peers cannot be held to {arguments.isa}", f"--isa is one of {', '.join(ISA_ENVIRONMENT)}")
    return arguments


def main():
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="unroll-peers-") as name:
        measure, table = (sweep.measure, sweep.table) if arguments.sweep else (points.measure, points.table)
        result = measure(arguments, Path(name))
    print(table(result))
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
