#!/usr/bin/python3
"""Figures for a paper from a results file: learning curves, gradient against lag, and the loss of every run.

    scripts/plot_figures.py results/quickstart.h5 figures/

Writes curves.pdf, gradients.pdf and losses.pdf (and .svg). Lines are medians over the seeds, bands their 10 and
90 percent quantiles; colours are told apart by the colour-blind, and dashes in print. On Debian:
apt install python3-matplotlib python3-xarray python3-h5netcdf
"""

import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy
import xarray

COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]
DASHES = ["-", "--", ":", "-.", (0, (5, 1)), (0, (1, 1))]
plt.rcParams.update({
    "font.size": 8, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "unroll",
    "figure.constrained_layout.use": True, "pdf.fonttype": 42,
})


def values_of(data, setting):
    """The value in each run: NaN, which equals nothing, is a setting that the run does not have."""
    return ["unset" if value != value else value for value in data[setting].values.tolist()]


def swept(data):
    """Names of the settings that vary, the method first."""
    names = [n for n in data.variables if "key" in data[n].attrs and len(set(values_of(data, n))) > 1]
    return sorted(names, key=lambda n: n != "cell")


def panels(data, settings):
    """One panel for each combination of all settings but the first."""
    keys = list(zip(*[values_of(data, n) for n in settings[1:]])) or [()] * data.sizes["run"]
    for key in dict.fromkeys(keys):
        rows = numpy.array([k == key for k in keys])
        yield ", ".join(f"{n} {v}" for n, v in zip(settings[1:], key)), data.isel(run=rows)


def top_layer(array):
    """[run][probe][lag] of each run's own last layer: a net with fewer layers than others has NaN beyond it."""
    there = ~numpy.isnan(array.values).all(axis=(1, 3))
    top = numpy.where(there, numpy.arange(there.shape[1]), 0).max(axis=1)
    return array.values[numpy.arange(len(top)), :, top]


def band(axes, x, values, i, label):
    """Where some run has a number: one that was stopped early or diverged has none at the end."""
    there = numpy.isfinite(values).any(axis=0)
    if not there.any():
        return
    with numpy.errstate(all="ignore"):
        low, middle, high = numpy.nanquantile(values[:, there], [0.1, 0.5, 0.9], axis=0)
    axes.plot(x[there], middle, color=COLORS[i % 6], linestyle=DASHES[i % 6], label=label)
    axes.fill_between(x[there], low, high, color=COLORS[i % 6], alpha=0.2, linewidth=0)


def figure(data, settings, draw, ylabel, xlabel, out):
    parts = list(panels(data, settings))
    columns = min(len(parts), 4)
    rows = -(-len(parts) // columns)
    fig, grid = plt.subplots(rows, columns, figsize=(1.9 * columns + 0.5, 1.7 * rows + 0.3), squeeze=False, sharey=True)
    methods = list(dict.fromkeys(values_of(data, settings[0]))) if settings else ["all"]
    for axes, (title, part) in zip(grid.flat, parts):
        for i, method in enumerate(methods):
            of_method = part.isel(run=[v == method for v in values_of(part, settings[0])]) if settings else part
            if of_method.sizes["run"]:
                draw(axes, of_method, i, str(method))
        axes.set_title(title, fontsize=8)
        axes.set_yscale("log")
    for axes in list(grid.flat)[len(parts):]:
        axes.set_visible(False)
    fig.supylabel(ylabel, fontsize=8)
    fig.supxlabel(xlabel, fontsize=8)
    # Not every panel has every method.
    keys = {label: line for axes in grid.flat for line, label in zip(*axes.get_legend_handles_labels())}
    if keys:
        grid.flat[0].legend(keys.values(), keys.keys(), frameon=False, fontsize=7)
    for suffix in (".pdf", ".svg"):
        fig.savefig(out.with_suffix(suffix), metadata={"CreationDate" if suffix == ".pdf" else "Date": None})
    plt.close(fig)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    data = xarray.open_dataset(sys.argv[1], engine="h5netcdf")
    out = pathlib.Path(sys.argv[2])
    settings = swept(data)

    def curve(axes, part, i, label):
        band(axes, numpy.arange(1, part.sizes["epoch"] + 1), part.valid_loss.values, i, label)

    def fading(axes, part, i, label):
        norms = top_layer(part.grad_hidden)[:, -1]  # end of training
        # What has faded to nothing stays in the median, below the frame: a logarithm has no zero.
        band(axes, numpy.arange(norms.shape[1]), numpy.maximum(norms, 1e-300), i, label)
        finite = data.grad_hidden.values[numpy.isfinite(data.grad_hidden.values)]
        if finite.any():
            axes.set_ylim(1e-12 * finite.max(), None)

    def every_run(axes, part, i, label):
        last = numpy.array([row[numpy.isfinite(row)][-1] for row in part.valid_loss.values if numpy.isfinite(row).any()])
        axes.plot(numpy.full(len(last), i), last, "o^sDvP"[i % 6], color=COLORS[i % 6], fillstyle="none", label=label)
        axes.set_xticks([])

    figures = [
        ("curves", "valid_loss", curve, "validation loss", "epoch"),
        ("gradients", "grad_hidden", fading, "norm of dL/dh", "lag"),
        ("losses", "valid_loss", every_run, "validation loss", ""),
    ]
    figures = [f for f in figures if f[1] in data]  # what no run recorded is not in the file
    if not figures:
        sys.exit(f"{sys.argv[1]}: no run recorded a validation loss or gradients: nothing to draw")
    out.mkdir(parents=True, exist_ok=True)
    for name, _, draw, ylabel, xlabel in figures:
        figure(data, settings, draw, ylabel, xlabel, out / name)
    print(f"{out}: {', '.join(f[0] for f in figures)} as .pdf and .svg")


if __name__ == "__main__":
    main()
