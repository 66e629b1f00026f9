"""The programs that scripts/bench_peers.py compares, and how they are started."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TORCH_PEER = Path(__file__).resolve().parent / "torch_peer.py"
POINT_SECONDS = 0.06  # of a point in a round, if its step is shorter

# One thread; memory stays with the process instead of going back to the kernel after each step.
TORCH_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(2**40),
    "MALLOC_TOP_PAD_": str(2**26),
}
ISA_ENVIRONMENT = {
    "avx512": {"ATEN_CPU_CAPABILITY": "avx512"},
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "DNNL_MAX_CPU_ISA": "AVX2",
    },
}
# MKL takes its AVX-512 kernels only if this function, which it asks about the maker of the CPU, says yes.
MKL_SHIM = "int mkl_serv_intel_cpu_true(void) { return 1; }\n"


def fail(message, hint):
    sys.exit(f"bench_peers: {message}\n  = help: {hint}")


def pinned(core):
    return lambda: os.sched_setaffinity(0, {core})


class Peer:
    """A program that answers each line of its input with a line of JSON."""

    def __init__(self, command, environment, core):
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            preexec_fn=pinned(core),
            text=True,
        )
        self.command = command
        self.context = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            fail(f"{' '.join(self.command)} ended with code {self.process.wait()}", "run it by hand to see why")
        return json.loads(line)

    def send(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line):
        self.send(line)
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Point:
    def __init__(self, text):
        self.text = text
        cell, hidden, batch, seq_len, head = text.split(":")
        self.values = {
            "cell": cell,
            "hidden": int(hidden),
            "batch": int(batch),
            "seq_len": int(seq_len),
            "head": head,
        }


class Unroll:
    def __init__(self, program, isa, core):
        self.command = [program, "bench", "--json", "--rounds", "1", "--core", str(core), "--isa", isa]
        self.context = {}
        self.peaks = []

    def measure(self, points):
        command = self.command + ["--points", ",".join(p.text for p in points)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            fail("unroll bench failed", done.stderr)
        result = json.loads(done.stdout)
        self.context = result["context"]
        self.peaks.append(result["peak_gflops"])
        return [(p["ms_per_step"], p["percent_of_peak"]) for p in result["points"]]


class Torch(Peer):
    def measure(self, points):
        def one(point):
            if point.values["cell"] == "gru_reset_before":
                return None  # PyTorch has no such cell
            return self.ask(json.dumps({**point.values, "seconds": POINT_SECONDS}))["ms_per_step"]

        return [one(point) for point in points]


class OneDnn(Peer):
    def measure(self, points):
        def one(point):
            v = point.values
            inputs = 64 if v["head"] == "many" else 1
            sizes = f"{v['hidden']} {v['batch']} {v['seq_len']} {inputs} {POINT_SECONDS}"
            return self.ask(f"{v['cell']} {sizes}")["ms_per_step"]

        return [one(point) for point in points]


def maker_is_intel():
    return "GenuineIntel" in Path("/proc/cpuinfo").read_text()


def torch_environment(isa, folder):
    environment = {**TORCH_ENVIRONMENT, **ISA_ENVIRONMENT[isa]}
    compiler = shutil.which("cc")
    if isa == "avx512" and not maker_is_intel() and compiler:
        source, library = folder / "mkl_shim.c", folder / "mkl_shim.so"
        source.write_text(MKL_SHIM)
        subprocess.run([compiler, "-shared", "-fPIC", str(source), "-o", str(library)], check=True)
        environment["LD_PRELOAD"] = str(library)
    return environment


def start_torch(arguments, folder, core):
    probe = subprocess.run([arguments.python, "-c", "import torch"], capture_output=True, text=True)
    if probe.returncode != 0:
        fail(
            f"{arguments.python} has no PyTorch",
            "python3 -m venv venv && venv/bin/pip install torch numpy, then --python venv/bin/python",
        )
    command = [arguments.python, "-W", "ignore", str(TORCH_PEER)]
    return Torch(command, torch_environment(arguments.isa, folder), core)


def start_onednn(arguments, core):
    if not Path(arguments.onednn).exists():
        print(
            f"without oneDNN: {arguments.onednn} is not built (apt-get install libdnnl-dev, then "
            "cmake --preset bench && cmake --build --preset bench --target onednn_peer)",
            file=sys.stderr,
        )
        return None
    environment = {**ISA_ENVIRONMENT[arguments.isa], "OMP_NUM_THREADS": "1"}
    return OneDnn([arguments.onednn], environment, core)


def warn_of_slow_torch(torch, peak, isa):
    """A product below half the peak of AVX-512 comes from AVX2 kernels, whatever the settings say."""
    share = torch.context["product_gflops"] / peak
    print(
        f"PyTorch {torch.context['torch']}: {torch.context['capability']}, product of 1024 x 1024 at "
        f"{torch.context['product_gflops']:.0f} GFLOP/s, {100 * share:.0f}% of the peak",
        file=sys.stderr,
    )
    if share < 0.5:
        print(f"warning: PyTorch does not use {isa} for its products", file=sys.stderr)


