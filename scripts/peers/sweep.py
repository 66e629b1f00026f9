"""A whole sweep: `unroll run` against PyTorch with one process on each core."""

import json
import os
import select
import statistics
import subprocess
import sys
import time
from pathlib import Path

from peers.programs import TORCH_PEER, fail, pinned, torch_environment

SWEEP = {"cell": ["rnn", "lstm", "gru"], "hidden": [16, 32, 64], "seq_len": [50, 100], "seed": range(5)}
RUN = {"train_size": 2000, "valid_size": 400, "test_size": 400, "batch": 32, "lr": 1e-3}


def sweep_runs(epochs):
    """Every run, the most expensive first, as unroll's scheduler takes them."""
    gates = {"rnn": 1, "lstm": 4, "gru": 3}
    runs = [
        {**RUN, "epochs": epochs, "cell": c, "hidden": h, "seq_len": t, "seed": s}
        for c in SWEEP["cell"]
        for h in SWEEP["hidden"]
        for t in SWEEP["seq_len"]
        for s in SWEEP["seed"]
    ]
    return sorted(runs, key=lambda r: -gates[r["cell"]] * r["hidden"] ** 2 * r["seq_len"])


def experiment(epochs):
    return (
        "name: peers\n"
        f"task: {{type: adding, train_size: {RUN['train_size']}, valid_size: {RUN['valid_size']}, "
        f"test_size: {RUN['test_size']}}}\n"
        f"train: {{epochs: {epochs}, batch: {RUN['batch']}, optimizer: adam, lr: {RUN['lr']}, clip_norm: 1.0}}\n"
        f"sweep:\n  seeds: {len(SWEEP['seed'])}\n  parameters:\n"
        f"    model.cell: {SWEEP['cell']}\n    model.hidden: {SWEEP['hidden']}\n"
        f"    task.seq_len: {SWEEP['seq_len']}\n"
    )


def resident(pids):
    """Memory of these processes in bytes; pages that they share count once."""
    total = 0
    for pid in pids:
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except OSError:
            pass  # it has ended
    return total


class Usage:
    """Wall time, core seconds and peak memory of some processes; look() must be called often."""

    def __init__(self):
        self.start = time.monotonic()
        self.before = os.times()
        self.peak = 0

    def look(self, pids):
        self.peak = max(self.peak, resident(pids))

    def result(self):
        after = os.times()
        core_seconds = after.children_user + after.children_system
        core_seconds -= self.before.children_user + self.before.children_system
        return {
            "wall_seconds": time.monotonic() - self.start,
            "core_seconds": core_seconds,
            "peak_bytes": self.peak,
        }


def sweep_of_unroll(arguments, folder, cores):
    file, results = folder / "peers.yaml", folder / "peers.h5"
    file.write_text(experiment(arguments.epochs))
    results.unlink(missing_ok=True)
    results.with_suffix(".journal").unlink(missing_ok=True)
    command = [arguments.unroll, "run", str(file), "--out", str(results), "--quiet", "-j", str(len(cores))]
    usage = Usage()
    process = subprocess.Popen(command + ["--isa", arguments.isa], preexec_fn=lambda: os.sched_setaffinity(0, cores))
    while process.poll() is None:
        usage.look([process.pid])
        time.sleep(0.01)
    if process.returncode != 0:
        fail("unroll run failed", " ".join(command))
    return usage.result()


def sweep_of_torch(arguments, folder, cores):
    """Processes that stay, one on each core; each takes the next run as soon as it is free."""
    waiting = sweep_runs(arguments.epochs)
    left = len(waiting)
    usage = Usage()
    command = [arguments.python, "-W", "ignore", str(TORCH_PEER)]
    environment = {**os.environ, **torch_environment(arguments.isa, folder)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    workers = [subprocess.Popen(command, env=environment, preexec_fn=pinned(core), **pipes) for core in cores]
    by_output = {worker.stdout: worker for worker in workers}
    while left > 0:
        usage.look([worker.pid for worker in workers])
        # A worker writes a line when it is free: at its start, and after each run.
        for output in select.select(list(by_output), [], [], 0.01)[0]:
            line = output.readline()
            if not line:
                fail("a PyTorch process ended", f"run {TORCH_PEER} by hand to see why")
            left -= "test_loss" in json.loads(line)
            if waiting:
                by_output[output].stdin.write((json.dumps({"run": waiting.pop(0)}) + "\n").encode())
                by_output[output].stdin.flush()
    for worker in workers:
        worker.stdin.close()
        worker.wait()
    return usage.result()


def measure(arguments, folder):
    cores = sorted(os.sched_getaffinity(0))
    seen = {"unroll": [], "torch": []}
    for round_index in range(arguments.rounds):
        print(f"\rround {round_index + 1} of {arguments.rounds}", end="", file=sys.stderr)
        seen["unroll"].append(sweep_of_unroll(arguments, folder, cores))
        seen["torch"].append(sweep_of_torch(arguments, folder, cores))
    print(file=sys.stderr)
    result = {"runs": len(sweep_runs(1)), "epochs": arguments.epochs, "cores": len(cores), "rounds": arguments.rounds}
    for name, values in seen.items():
        result[name] = {key: statistics.median(v[key] for v in values) for key in values[0]}
    result["ratio"] = {key: result["torch"][key] / result["unroll"][key] for key in result["unroll"]}
    return result


def table(result):
    names = {"wall_seconds": "wall time, s", "core_seconds": "core seconds", "peak_bytes": "peak memory, MB"}
    lines = [
        f"{result['runs']} runs of {result['epochs']} epochs on {result['cores']} cores, medians of "
        f"{result['rounds']} rounds",
        "",
        "| | unroll | PyTorch | ratio |",
        "|---|---|---|---|",
    ]
    for key, name in names.items():
        scale = 1e-6 if key == "peak_bytes" else 1.0
        ours, theirs = scale * result["unroll"][key], scale * result["torch"][key]
        lines.append(f"| {name} | {ours:.4g} | {theirs:.4g} | {result['ratio'][key]:.1f} |")
    return "\n".join(lines)


