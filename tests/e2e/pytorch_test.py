#!/usr/bin/env python3
"""A net that was trained here and exported has the same test loss in PyTorch: pytorch_test.py UNROLL.

The test part is worked out from the files in the plainest way. Exit code 77, which ctest calls skipped, where there is
no PyTorch; UNROLL_TORCH_PYTHON names a Python that has it.
"""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    import torch
except ImportError as error:
    other = os.environ.get("UNROLL_TORCH_PYTHON")
    if not other or os.path.realpath(other) == os.path.realpath(sys.executable):
        print(error, "; UNROLL_TORCH_PYTHON may name a Python that has it")
        sys.exit(77)
    os.execv(other, [other, *sys.argv])

UNROLL = os.path.abspath(sys.argv[1])
SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "scripts"))
from to_pytorch import load  # noqa: E402

LIMIT = 2e-6  # relative; of float sums in another order
entropy = torch.nn.functional.cross_entropy


def text_part(file, share):
    """Codes of the test part. Requires: every character occurs in the training part."""
    text = pathlib.Path(file).read_text(encoding="utf-8")
    size = math.floor(share * len(text) + 0.5)
    alphabet = sorted(set(text[: len(text) - 2 * size]))
    return torch.tensor([alphabet.index(c) for c in text[len(text) - size:]])


def text_loss(net, task):
    codes = text_part(task["file"], task["test_share"])
    length = task["seq_len"]
    windows = (len(codes) - 1) // length
    x = codes[: windows * length].reshape(windows, length)
    y = codes[1: windows * length + 1].reshape(windows, length)
    if not task["stateful"]:
        return entropy(net(x).flatten(0, 1), y.flatten()).item()
    # B streams of consecutive windows, the first ones one longer; each is one sequence from the start.
    count = max(1, min(16, windows * length // 4096))
    total, first = 0.0, 0
    for stream in range(count):
        end = first + windows // count + (stream < windows % count)
        total += entropy(net(x[first:end].reshape(1, -1))[0], y[first:end].flatten(), reduction="sum").item()
        first = end
    return total / y.numel()


def ts_part(file):
    sequences, labels, names, data = [], [], [], False
    for line in pathlib.Path(file).read_text().splitlines():
        if line.lower().startswith("@classlabel"):
            names = line.split()[2:]
        elif line.lower().startswith("@data"):
            data = True
        elif data and line:
            *columns, label = line.split(":")
            sequences.append(torch.tensor([[float(v) for v in column.split(",")] for column in columns]).T)
            labels.append(names.index(label))
    return sequences, torch.tensor(labels)


def class_loss(net, task):
    sequences, labels = ts_part(task["test_file"])
    lengths = [len(s) for s in sequences]
    assert len(set(lengths)) > 1
    return entropy(net.last(torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True), lengths), labels).item()


def array_loss(net, task):
    x, y = (torch.from_numpy(numpy.load(task[name])).double() for name in ("file", "target_file"))
    size = math.floor(task["test_share"] * len(x) + 0.5)
    x, y = x[-size:], y[-size:]
    lengths = (~torch.isnan(x).all(dim=2)).sum(dim=1)
    y_net = net(torch.nan_to_num(x), lengths)
    valid = torch.arange(x.shape[1])[None] < lengths[:, None]
    return torch.nn.functional.mse_loss(y_net[valid], y[valid]).item()


def write_arrays(folder):
    """A sum over what was read so far; sequences of unequal length."""
    generator = numpy.random.default_rng(1)
    x = generator.normal(size=(120, 9, 2)).astype("f4")
    y = numpy.stack([x.cumsum(axis=1).sum(axis=2), x[:, :, 0]], axis=2).astype("f4")
    for n in range(len(x)):
        x[n, 3 + n % 7:] = numpy.nan
    numpy.save(folder / "x.npy", x)
    numpy.save(folder / "y.npy", y)


def cases(folder):
    text = {"type": "text", "file": str(folder / "text.txt"), "seq_len": 20, "stateful": True, "test_share": 0.15}
    digits = {"type": "classification", "file": str(SOURCE / "datasets/pen_digits_TRAIN.ts"),
              "test_file": str(SOURCE / "datasets/pen_digits_TEST.ts"), "normalize": "none"}
    arrays = {"type": "arrays", "file": str(folder / "x.npy"), "target_file": str(folder / "y.npy"),
              "normalize": "none", "split": "time", "test_share": 0.25}
    apart = {**text, "stateful": False}
    return [
        ("text, one-hot", text, {"cell": "lstm", "layers": 2}, text_loss),
        ("text, embedding", text, {"cell": "gru", "embedding": 5, "layers": 2}, text_loss),
        ("text, windows apart, learned initial state", apart, {"cell": "lstm", "learn_initial_state": True}, text_loss),
        ("classes, unequal lengths", digits, {"cell": "gru", "layers": 2}, class_loss),
        ("classes, unequal lengths, both directions", digits, {"cell": "lstm", "bidirectional": True}, class_loss),
        ("classes, relu", digits, {"cell": "rnn", "activation": "relu", "init": "identity"}, class_loss),
        ("arrays, every step, both directions, two layers, learned initial state", arrays,
         {"cell": "gru", "bidirectional": True, "layers": 2, "learn_initial_state": True}, array_loss),
        ("arrays, every step, both directions", arrays, {"cell": "rnn", "bidirectional": True}, array_loss),
    ]


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        story = (SOURCE / "datasets/story.txt").read_text(encoding="utf-8")[:60000]
        (folder / "text.txt").write_text(story, encoding="utf-8")
        write_arrays(folder)
        wrong = 0
        for title, task, model, loss in cases(folder):
            batch = 16
            experiment = {"name": "one", "task": task, "model": {"hidden": 12, **model},
                          "train": {"epochs": 3, "batch": batch, "lr": 0.01}, "record": {"weights": "best"}}
            (folder / "one.yaml").write_text(json.dumps(experiment))  # JSON is YAML

            def unroll(*words):
                return subprocess.run([UNROLL, *words], cwd=folder, check=True, capture_output=True, text=True).stdout

            try:
                unroll("run", "one.yaml", "--out", "one.h5", "--fresh", "--quiet")
                unroll("export", "one.h5", "--weights", "0", "--out", "one.npz")
                here = json.loads(unroll("export", "one.h5", "--json"))["runs"][0]["test_loss"]
            except subprocess.CalledProcessError as error:
                sys.exit(f"{title}: {error.stderr}")
            net = load(str(folder / "one.npz")).double()
            torch.set_default_dtype(torch.float64)
            with torch.no_grad():
                there = loss(net, task)
            good = abs(there / here - 1.0) < LIMIT
            wrong += not good
            print(f"{title}: {here:.9g} here, {there:.9g} in PyTorch: {'the same' if good else 'NOT THE SAME'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
