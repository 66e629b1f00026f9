#!/usr/bin/env python3
"""Makes a PyTorch module of the weights that `unroll export --weights` wrote (.npz or .h5).

    from to_pytorch import load
    net = load("run0.npz")                 # torch.nn.Module: LSTM, GRU or RNN, and a dense head
    y = net(x)                             # x [B, T, D] -> [B, T, O], outputs before the loss's nonlinearity
    y = net(codes)                         # of symbols: integers [B, T], through the embedding or one-hot
    y = net(x, lengths)                    # sequences that end early; what lies past their end means nothing
    y = net.last(x, lengths)               # [B, O], after the last step: what a task with one answer scores

A bidirectional net has both directions, a learned initial state is there. PyTorch has no `gru_reset_before` and no
`rnn` with sigmoid: these are refused.
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
    def __init__(self, cell, head, embedding=None):
        super().__init__()
        self.cell = cell
        self.head = head
        self.embedding = embedding
        self.start = torch.nn.ParameterList()  # h, or h and c: [layers * directions, 1, H]; empty = zero

    def states(self, x, lengths=None):
        """[B, T, F] after every step, and the last h of the top layer [B, F]."""
        if not x.is_floating_point():
            one_hot = torch.nn.functional.one_hot
            x = self.embedding(x) if self.embedding is not None else one_hot(x.long(), self.cell.input_size).to(self.head.weight.dtype)
        start = tuple(s.expand(-1, len(x), -1).contiguous() for s in self.start) or None
        if start and len(start) == 1:
            start = start[0]
        steps = x.shape[1]
        if lengths is not None:
            x = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        every, last = self.cell(x, start)
        if lengths is not None:
            every, _ = torch.nn.utils.rnn.pad_packed_sequence(every, batch_first=True, total_length=steps)
        h = last[0] if isinstance(last, tuple) else last
        return every, torch.cat(list(h[-2:] if self.cell.bidirectional else h[-1:]), dim=1)

    def forward(self, x, lengths=None):
        return self.head(self.states(x, lengths)[0])

    def last(self, x, lengths=None):
        return self.head(self.states(x, lengths)[1])


def load(path):
    weights, texts = read(path)
    inputs = weights["weight_ih_l0"].shape[1]
    hidden = weights["weight_hh_l0"].shape[1]
    both = "weight_hh_l0_reverse" in weights
    layers = sum(name.startswith("weight_hh_l") and not name.endswith("_reverse") for name in weights)
    kinds = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}
    activation = texts.get("activation", "tanh")
    if texts["cell"] not in kinds or activation not in ("tanh", "relu"):
        raise ValueError(f"{path}: PyTorch has no {texts['cell']} with {activation}")
    more = {"nonlinearity": activation} if texts["cell"] == "rnn" else {}
    cell = kinds[texts["cell"]](inputs, hidden, layers, batch_first=True, bidirectional=both, **more)
    table = weights.get("embedding.weight")
    net = Net(cell, torch.nn.Linear(*reversed(weights["head.weight"].shape)),
              None if table is None else torch.nn.Embedding(*table.shape))
    known = set()

    def fill(parameter, name):
        known.add(name)
        # PyTorch has two biases for each gate; where one is enough, unroll has one.
        parameter.copy_(weights.get(name, torch.zeros_like(parameter)))

    with torch.no_grad():
        for name, parameter in cell.named_parameters():
            fill(parameter, name)
        fill(net.head.weight, "head.weight")
        fill(net.head.bias, "head.bias")
        if table is not None:
            fill(net.embedding.weight, "embedding.weight")
        for state in "hc":
            names = [f"initial_{state}_l{layer}{end}" for layer in range(layers) for end in ("", "_reverse")[: 1 + both]]
            if names[0] in weights:
                known.update(names)
                net.start.append(torch.nn.Parameter(torch.stack([weights[name][None] for name in names])))
    if unknown := set(weights) - known:
        raise ValueError(f"{path}: has parameters that this script does not know: {sorted(unknown)}")
    return net


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("to_pytorch.py FILE: shows the net of a file that `unroll export --weights` wrote")
    try:
        print(load(sys.argv[1]))
    except (OSError, ValueError) as problem:
        sys.exit(f"to_pytorch.py: {problem}")
