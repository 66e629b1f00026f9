"""PyTorch's side of scripts/bench_peers.py: reads one task as JSON a line, answers with one line each.

{"cell", "hidden", "batch", "seq_len", "head", "seconds"} measures a training step: zero_grad, forward, loss,
backward, clipping by the norm, Adam. {"run": {...}} trains a whole net on the adding problem.
Times are processor time of this process, medians.
"""

import ctypes
import json
import statistics
import sys
import time

import torch
from torch import nn

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Net(nn.Module):
    """One recurrent layer and a linear head, on the last step or on every one."""

    def __init__(self, cell, inputs, hidden, outputs, every_step):
        super().__init__()
        self.cell = CELLS[cell](inputs, hidden)
        self.head = nn.Linear(hidden, outputs)
        self.every_step = every_step

    def forward(self, x):
        h, _ = self.cell(x)
        return self.head(h.flatten(0, 1) if self.every_step else h[-1])


class Trainer:
    def __init__(self, net, loss, rate):
        self.net = net
        self.loss = loss
        self.parameters = list(net.parameters())
        # The fused form is the fastest of the three that torch.optim has for the CPU.
        self.optimizer = torch.optim.Adam(self.parameters, lr=rate, fused=True)

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.loss(self.net(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return loss


def measure_step(task):
    torch.manual_seed(0)
    batch, steps, every_step = task["batch"], task["seq_len"], task["head"] == "many"
    inputs, outputs = (64, 65) if every_step else (1, 1)
    x = torch.rand(steps, batch, inputs) * 2.0 - 1.0
    if every_step:
        y, loss = torch.randint(0, outputs, (steps * batch,)), nn.CrossEntropyLoss()
    else:
        y, loss = torch.randint(0, 2, (batch, 1)).float(), nn.MSELoss()
    trainer = Trainer(Net(task["cell"], inputs, task["hidden"], outputs, every_step), loss, 1e-6)
    trainer.step(x, y)
    trainer.step(x, y)
    samples = []
    while len(samples) < 3 or sum(samples) < task["seconds"]:
        start = time.process_time()
        trainer.step(x, y)
        samples.append(time.process_time() - start)
    return {"ms_per_step": 1e3 * statistics.median(samples)}


def adding(count, steps):
    """Inputs [steps, count, 2]: numbers and two marks, one in each half; target: the sum of the marked."""
    numbers = torch.rand(steps, count)
    marks = torch.zeros(steps, count)
    each = torch.arange(count)
    marks[torch.randint(0, steps // 2, (count,)), each] = 1.0
    marks[torch.randint(steps // 2, steps, (count,)), each] = 1.0
    return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(0).unsqueeze(1)


def train_run(run):
    """The work of `unroll run` on this experiment, without statistics, journal and results file."""
    torch.manual_seed(run["seed"])
    x, y = adding(run["train_size"], run["seq_len"])
    valid, test = (adding(run[part], run["seq_len"]) for part in ("valid_size", "test_size"))
    loss = nn.MSELoss()
    trainer = Trainer(Net(run["cell"], 2, run["hidden"], 1, False), loss, run["lr"])
    for _ in range(run["epochs"]):
        for rows in torch.randperm(run["train_size"]).split(run["batch"]):
            trainer.step(x[:, rows], y[rows])
        with torch.no_grad():
            valid_loss = loss(trainer.net(valid[0]), valid[1]).item()
    with torch.no_grad():
        test_loss = loss(trainer.net(test[0]), test[1]).item()
    return {"valid_loss": valid_loss, "test_loss": test_loss}


def product_gflops():
    """Of a large matrix product: tells which instruction set the BLAS really uses."""
    n = 1024
    a, b = torch.rand(n, n), torch.rand(n, n)
    best = 0.0
    for _ in range(10):
        start = time.process_time()
        torch.mm(a, b)
        best = max(best, 2e-9 * n**3 / (time.process_time() - start))
    return best


def main():
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    context = {
        "torch": torch.__version__,
        "capability": torch.backends.cpu.get_cpu_capability(),
        "product_gflops": product_gflops(),
        "threads": torch.get_num_threads(),
    }
    print(json.dumps(context), flush=True)
    for line in sys.stdin:
        task = json.loads(line)
        if "run" in task:
            answer = train_run(task["run"])
        else:
            answer = measure_step(task)
            ctypes.CDLL(None).malloc_trim(0)  # what a point held does not weigh on the next one
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
