#!/usr/bin/env python3
"""Makes a PyTorch module of the weights that `unroll export --weights` wrote (.npz or .h5).

    from to_pytorch import load
    net = load("run0.npz")                 # torch.nn.Module: LSTM, GRU or RNN, and a dense head
    y = net(x)                             # x [B, T, D] -> [B, T, O], outputs before the loss's nonlinearity

PyTorch has no `gru_reset_before` and no `rnn` with sigmoid: these are refused.
"""
import sys

import torch


def read(path):
    """Name -> tensor, and name -> text of what explains them."""
    if path.endswith(".npz"):
        import numpy

        with numpy.load(path) as arrays:
            texts = {name: arrays[name].item().decode() for name in arrays.files if arrays[name].dtype.kind == "S"}
            return {name: torch.from_numpy(arrays[name]) for name in arrays.files if name not in texts}, texts
    import h5py

    with h5py.File(path) as arrays:
        return {name: torch.from_numpy(arrays[name][()]) for name in arrays}, dict(arrays.attrs)


class Net(torch.nn.Module):
    def __init__(self, cell, head):
        super().__init__()
        self.cell = cell
        self.head = head

    def forward(self, x):
        return self.head(self.cell(x)[0])


def load(path):
    weights, texts = read(path)
    inputs = weights["weight_ih_l0"].shape[1]
    hidden = weights["weight_hh_l0"].shape[1]
    layers = sum(name.startswith("weight_hh_l") for name in weights)
    kinds = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}
    activation = texts.get("activation", "tanh")
    if texts["cell"] not in kinds or activation not in ("tanh", "relu"):
        raise ValueError(f"{path}: PyTorch has no {texts['cell']} with {activation}")
    more = {"nonlinearity": activation} if texts["cell"] == "rnn" else {}
    cell = kinds[texts["cell"]](inputs, hidden, layers, batch_first=True, **more)
    outputs = weights["head.weight"].shape[0]
    net = Net(cell, torch.nn.Linear(hidden, outputs))
    with torch.no_grad():
        for name, parameter in net.cell.named_parameters():
            # PyTorch has two biases for each gate; where one is enough, unroll has one.
            parameter.copy_(weights.get(name, torch.zeros_like(parameter)))
        net.head.weight.copy_(weights["head.weight"])
        net.head.bias.copy_(weights["head.bias"])
    return net


if __name__ == "__main__":
    print(load(sys.argv[1]))
