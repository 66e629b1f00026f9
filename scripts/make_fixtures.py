#!/usr/bin/env python3
"""Makes tests/nn/fixtures/*.json with PyTorch: the oracle of tests/nn/torch_test.cpp.

Needs PyTorch (made with 2.13.0) and NumPy; the files are committed, so nobody else does. Names of fixtures as
arguments: only those. Weights and data are drawn in float32, everything is computed in float64: what remains is the error of unroll alone.
Each file: sizes, optimizer settings, initial parameters, one batch, the losses before each of ten
training steps on it, and the gradients of the first step before clipping.
"""
import json
import pathlib
import sys

import numpy as np
import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "nn" / "fixtures"
STEPS = 10


class ByHand(torch.nn.Module):
    """Cells that PyTorch lacks, with its parameters: rnn with sigmoid, and the GRU of Cho et al. (2014)."""

    def __init__(self, cell, inputs, hidden, layers):
        super().__init__()
        self.cell, self.layers = cell, layers
        gates = {"rnn": 1, "gru_reset_before": 3}[cell]
        for layer in range(layers):
            width = inputs if layer == 0 else hidden
            shapes = {"weight_ih": (gates * hidden, width), "weight_hh": (gates * hidden, hidden),
                      "bias_ih": (gates * hidden,), "bias_hh": (gates * hidden,)}
            for name, shape in shapes.items():
                self.register_parameter(f"{name}_l{layer}", torch.nn.Parameter(torch.empty(shape)))

    def forward(self, x):
        for layer in range(self.layers):
            w, u, b, c = (getattr(self, f"{n}_l{layer}") for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            h = torch.zeros(x.shape[1], u.shape[1], dtype=x.dtype)
            outputs = []
            for xt in x:
                if self.cell == "rnn":
                    h = torch.sigmoid(xt @ w.T + b + h @ u.T + c)
                else:
                    n = u.shape[1]
                    r, z = torch.sigmoid(xt @ w[:2 * n].T + b[:2 * n] + h @ u[:2 * n].T + c[:2 * n]).chunk(2, 1)
                    new = torch.tanh(xt @ w[2 * n:].T + b[2 * n:] + (r * h) @ u[2 * n:].T + c[2 * n:])
                    h = (1 - z) * new + z * h
                outputs.append(h)
            x = torch.stack(outputs)
        return x, None


def body(case):
    args = (case.get("embedding") or case.get("symbols") or case["input"], case["hidden"], case["layers"])
    both = {"bidirectional": case.get("bidirectional", False)}
    if case["cell"] == "lstm":
        return torch.nn.LSTM(*args, **both)
    if case["cell"] == "gru":
        return torch.nn.GRU(*args, **both)
    if case["cell"] == "rnn" and case["activation"] != "sigmoid":
        return torch.nn.RNN(*args, nonlinearity=case["activation"], **both)
    return ByHand(case["cell"], *args)


def make_optimizer(parameters, o):
    lr, decay = o["lr"], o.get("weight_decay", 0.0)
    if o["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, lr=lr, momentum=o.get("momentum", 0.0), nesterov=o.get("nesterov", False),
                               weight_decay=decay)
    if o["optimizer"] == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=lr, alpha=o["rho"], momentum=o.get("momentum", 0.0),
                                   weight_decay=decay)
    if o["optimizer"] == "adagrad":
        return torch.optim.Adagrad(parameters, lr=lr, weight_decay=decay)
    if o["optimizer"] == "adadelta":
        return torch.optim.Adadelta(parameters, lr=lr, weight_decay=decay)
    if o["optimizer"] == "adam":
        return torch.optim.Adam(parameters, lr=lr, weight_decay=decay,
                                decoupled_weight_decay=o.get("decoupled", False))
    return torch.optim.AdamW(parameters, lr=lr, weight_decay=decay)


def numbers(tensor):
    """float32 values as their shortest decimals, float64 values in full."""
    a = tensor.detach().numpy().ravel()
    if a.dtype == np.float32 or np.array_equal(a.astype(np.float32), a):
        return [float(str(v)) for v in a.astype(np.float32)]
    return [float(f"{v:.10g}") for v in a]


def make(case):
    torch.manual_seed(case["seed"])
    scale = case["hidden"] ** -0.5
    directions = 2 if case.get("bidirectional") else 1
    rnn, head = body(case).double(), torch.nn.Linear(directions * case["hidden"], case["output"]).double()
    named = dict(rnn.named_parameters()) | {f"head.{n}": p for n, p in head.named_parameters()}
    symbols, embedding = case.get("symbols", 0), None
    if case.get("embedding"):
        embedding = torch.nn.Embedding(symbols, case["embedding"]).double()
        named["embedding.weight"] = embedding.weight
    with torch.no_grad():
        for p in named.values():
            p.copy_(((torch.rand(p.shape, dtype=torch.float32) * 2 - 1) * scale).double())
    if symbols:
        x = torch.randint(symbols, (case["seq_len"], case["batch"]))
    else:
        x = torch.randn(case["seq_len"], case["batch"], case["input"], dtype=torch.float32)
    lengths = case.get("lengths")
    scored = case["seq_len"] if case["every_step"] else 1
    shape = (scored, case["batch"], case["output"])
    if case["loss"] == "mse":
        target = torch.randn(shape, dtype=torch.float32)
    elif case["loss"] == "sigmoid":
        target = (torch.rand(shape) < 0.5).float()
    else:
        target = torch.randint(case["output"], shape[:2])

    def loss_of():
        if embedding is not None:
            inputs = embedding(x)
        elif symbols:
            inputs = torch.nn.functional.one_hot(x, symbols).double()
        else:
            inputs = x.double()
        if lengths:
            inputs = torch.nn.utils.rnn.pack_padded_sequence(inputs, torch.tensor(lengths), enforce_sorted=False)
        h, last = rnn(inputs)
        if lengths:
            h, _ = torch.nn.utils.rnn.pad_packed_sequence(h, total_length=case["seq_len"])
        if case["every_step"]:
            y, wanted = head(h), target
            if lengths:
                valid = torch.arange(case["seq_len"])[:, None] < torch.tensor(lengths)
                y, wanted = y[valid], target[valid]
        else:
            # The last state of each direction, of the top layer.
            last = last[0] if isinstance(last, tuple) else last if last is not None else h[-1:]
            y, wanted = head(torch.cat(list(last[-directions:]), dim=1)), target[0]
        if case["loss"] == "mse":
            return torch.nn.functional.mse_loss(y, wanted.double())
        if case["loss"] == "sigmoid":
            total = torch.nn.functional.binary_cross_entropy_with_logits(y, wanted.double(), reduction="sum")
            return total / (y.numel() / case["output"])
        return torch.nn.functional.cross_entropy(y.flatten(0, -2), wanted.flatten())

    result = dict(case)
    result["parameters"] = {n: numbers(p) for n, p in named.items()}
    result["inputs"] = x.ravel().tolist() if symbols else numbers(x)
    result["targets"] = target.ravel().tolist() if case["loss"] == "softmax" else numbers(target)
    settings = case["optimizer"]
    optimizer = make_optimizer(list(named.values()), settings)
    losses, norms = [], []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            result["gradients"] = {n: numbers(p.grad) for n, p in named.items()}
        norms.append(torch.sqrt(sum((p.grad ** 2).sum() for p in named.values())).item())
        if settings.get("clip_value"):
            torch.nn.utils.clip_grad_value_(named.values(), settings["clip_value"])
        if settings.get("clip_norm"):
            torch.nn.utils.clip_grad_norm_(named.values(), settings["clip_norm"])
        optimizer.step()
    result["losses"], result["grad_norms"] = losses, norms
    (OUT / f"{case['name']}.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")


CASES = [
    dict(name="rnn_tanh", cell="rnn", activation="tanh", layers=1, input=3, hidden=11, output=2, seq_len=9, batch=5,
         loss="mse", every_step=False, optimizer=dict(optimizer="sgd", lr=0.1, momentum=0.9, clip_norm=0.5)),
    dict(name="rnn_relu", cell="rnn", activation="relu", layers=1, input=2, hidden=16, output=1, seq_len=7, batch=4,
         loss="mse", every_step=True, optimizer=dict(optimizer="rmsprop", lr=0.01, rho=0.9, momentum=0.5)),
    dict(name="rnn_sigmoid", cell="rnn", activation="sigmoid", layers=1, input=2, hidden=9, output=3, seq_len=6,
         batch=3, loss="softmax", every_step=False, optimizer=dict(optimizer="sgd", lr=0.5)),
    dict(name="lstm", cell="lstm", activation="tanh", layers=1, input=1, hidden=19, output=1, seq_len=12, batch=7,
         loss="mse", every_step=False, optimizer=dict(optimizer="adam", lr=0.01, clip_norm=1.0)),
    dict(name="lstm_softmax", cell="lstm", activation="tanh", layers=2, input=4, hidden=10, output=5, seq_len=8,
         batch=3, loss="softmax", every_step=True, optimizer=dict(optimizer="adam", lr=0.02, weight_decay=0.01)),
    dict(name="gru", cell="gru", activation="tanh", layers=1, input=3, hidden=17, output=2, seq_len=10, batch=6,
         loss="mse", every_step=False, optimizer=dict(optimizer="adamw", lr=0.01, weight_decay=0.1)),
    dict(name="gru_sigmoid", cell="gru", activation="tanh", layers=2, input=2, hidden=8, output=6, seq_len=7, batch=4,
         loss="sigmoid", every_step=True,
         optimizer=dict(optimizer="sgd", lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.001, clip_value=0.05)),
    dict(name="gru_reset_before", cell="gru_reset_before", activation="tanh", layers=2, input=2, hidden=9, output=1,
         seq_len=8, batch=5, loss="mse", every_step=False, optimizer=dict(optimizer="adam", lr=0.01, clip_norm=0.3)),
    dict(name="adagrad", cell="rnn", activation="tanh", layers=1, input=2, hidden=6, output=1, seq_len=5, batch=3,
         loss="mse", every_step=True, optimizer=dict(optimizer="adagrad", lr=0.05, weight_decay=0.01)),
    dict(name="adadelta", cell="rnn", activation="tanh", layers=1, input=2, hidden=6, output=1, seq_len=5, batch=3,
         loss="mse", every_step=True, optimizer=dict(optimizer="adadelta", lr=1.0)),
    dict(name="adam_decoupled", cell="gru", activation="tanh", layers=1, input=2, hidden=5, output=1, seq_len=5,
         batch=3, loss="mse", every_step=False,
         optimizer=dict(optimizer="adam", lr=0.02, weight_decay=0.1, decoupled=True)),
    dict(name="one_hot", cell="lstm", activation="tanh", layers=1, symbols=7, input=7, hidden=9, output=7, seq_len=6,
         batch=4, loss="softmax", every_step=True, optimizer=dict(optimizer="adam", lr=0.02)),
    dict(name="embedding", cell="gru", activation="tanh", layers=2, symbols=7, embedding=3, input=3, hidden=8,
         output=7, seq_len=6, batch=4, loss="softmax", every_step=True, optimizer=dict(optimizer="adam", lr=0.02)),
    dict(name="lengths", cell="lstm", activation="tanh", layers=2, input=2, hidden=9, output=3, seq_len=7, batch=5,
         lengths=[4, 7, 1, 6, 4], loss="softmax", every_step=False, optimizer=dict(optimizer="adam", lr=0.02)),
    dict(name="lengths_every_step", cell="rnn", activation="relu", layers=1, input=2, hidden=9, output=2, seq_len=7,
         batch=5, lengths=[4, 6, 1, 6, 4], loss="mse", every_step=True, optimizer=dict(optimizer="sgd", lr=0.05)),
    dict(name="bidirectional", cell="gru", activation="tanh", layers=1, bidirectional=True, input=3, hidden=7,
         output=2, seq_len=6, batch=4, loss="mse", every_step=False, optimizer=dict(optimizer="adam", lr=0.02)),
    dict(name="bidirectional_stacked", cell="lstm", activation="tanh", layers=3, bidirectional=True, input=2,
         hidden=6, output=4, seq_len=5, batch=3, loss="softmax", every_step=True,
         optimizer=dict(optimizer="adam", lr=0.02)),
    dict(name="bidirectional_lengths", cell="lstm", activation="tanh", layers=2, bidirectional=True, symbols=6,
         embedding=4, input=4, hidden=7, output=3, seq_len=8, batch=6, lengths=[3, 8, 1, 5, 8, 2], loss="softmax",
         every_step=False, optimizer=dict(optimizer="adam", lr=0.02, clip_norm=0.5)),
    dict(name="bidirectional_lengths_every_step", cell="gru", activation="tanh", layers=2, bidirectional=True,
         input=2, hidden=6, output=3, seq_len=7, batch=4, lengths=[7, 2, 5, 1], loss="sigmoid", every_step=True,
         optimizer=dict(optimizer="sgd", lr=0.1)),
]

if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(CASES):
        if not sys.argv[1:] or case["name"] in sys.argv[1:]:
            make(case | {"seed": number + 1})
