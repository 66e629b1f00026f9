"""Single training steps: all programs on one core, in turn."""

import math
import statistics
import subprocess
import sys

from peers.programs import Point, Unroll, fail, start_onednn, start_torch, warn_of_slow_torch

BLOCK = 8  # points that one program measures before the next one takes its turn


def choose_points(arguments):
    words = ["--quick"] if arguments.quick else []
    if arguments.points:
        words = ["--points", arguments.points]
    done = subprocess.run([arguments.unroll, "bench", "--list", *words], capture_output=True, text=True)
    if done.returncode != 0:
        fail("no points", done.stderr)
    return [Point(line) for line in done.stdout.split()]


def measure(arguments, folder):
    points = choose_points(arguments)
    core = arguments.core
    programs = {"unroll": Unroll(arguments.unroll, arguments.isa, core)}
    programs["torch"] = start_torch(arguments, folder, core)
    onednn = start_onednn(arguments, core)
    if onednn:
        programs["onednn"] = onednn
    seen = {name: {p.text: [] for p in points} for name in programs}
    for round_index in range(arguments.rounds):
        for first in range(0, len(points), BLOCK):
            block = points[first : first + BLOCK]
            print(
                f"\rround {round_index + 1} of {arguments.rounds}, point {first + 1} of {len(points)}   ",
                end="",
                file=sys.stderr,
            )
            turn = round_index % len(programs)
            names = list(programs)
            for name in names[turn:] + names[:turn]:
                for point, value in zip(block, programs[name].measure(block)):
                    if value is not None:
                        seen[name][point.text].append(value)
    print(file=sys.stderr)
    peak = statistics.median(programs["unroll"].peaks)
    warn_of_slow_torch(programs["torch"], peak, arguments.isa)
    context = {"unroll": programs["unroll"].context, "rounds": arguments.rounds}
    for name in ("torch", "onednn"):
        if name in programs:
            context[name] = programs[name].context
            programs[name].close()
    rows = []
    for point in points:
        row = dict(point.values)
        row["unroll_ms"] = statistics.median(v[0] for v in seen["unroll"][point.text])
        row["percent_of_peak"] = statistics.median(v[1] for v in seen["unroll"][point.text])
        for name in ("torch", "onednn"):
            values = seen.get(name, {}).get(point.text)
            row[f"{name}_ms"] = statistics.median(values) if values else None
            row[f"{name}_ratio"] = row[f"{name}_ms"] / row["unroll_ms"] if values else None
        rows.append(row)
    return {"context": context, "peak_gflops": peak, "points": rows, "summary": summary(rows)}


def summary(rows):
    """Over all points: geometric mean and lowest ratio of the peer's time over ours."""
    out = {}
    for name in ("torch", "onednn"):
        ratios = [(r[f"{name}_ratio"], r) for r in rows if r[f"{name}_ratio"]]
        if not ratios:
            continue
        lowest, where = min(ratios, key=lambda pair: pair[0])
        out[name] = {
            "points": len(ratios),
            "geometric_mean": math.exp(statistics.mean(math.log(r) for r, _ in ratios)),
            "lowest": lowest,
            "lowest_at": ":".join(str(where[k]) for k in ("cell", "hidden", "batch", "seq_len", "head")),
        }
    return out


def table(result):
    def cell(value, form):
        return "-" if value is None else format(value, form)

    context = result["context"]["unroll"]
    lines = [
        f"{context['cpu']}, {context['isa']}, core {context['core']}, peak {result['peak_gflops']:.0f} GFLOP/s; "
        f"medians of {result['context']['rounds']} rounds; ratio = time of the peer / time of unroll",
        "",
        "| cell | hidden | batch | seq_len | head | unroll ms | % of peak | PyTorch ms | ratio | oneDNN ms | ratio |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in result["points"]:
        lines.append(
            f"| {r['cell']} | {r['hidden']} | {r['batch']} | {r['seq_len']} | {r['head']} | {r['unroll_ms']:.4g} "
            f"| {r['percent_of_peak']:.0f} | {cell(r['torch_ms'], '.4g')} | {cell(r['torch_ratio'], '.1f')} "
            f"| {cell(r['onednn_ms'], '.4g')} | {cell(r['onednn_ratio'], '.2f')} |"
        )
    lines.append("")
    for name, s in result["summary"].items():
        lines.append(
            f"{name}: geometric mean of {s['points']} ratios {s['geometric_mean']:.2f}, lowest {s['lowest']:.2f} "
            f"at {s['lowest_at']}"
        )
    return "\n".join(lines)


