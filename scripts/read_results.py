#!/usr/bin/python3
"""Prints what a sweep found: read_results.py [results/NAME.h5]

Needs python3-xarray, python3-h5netcdf (or python3-netcdf4) and python3-pandas.
"""
import sys

import xarray as xr

ds = xr.open_dataset(sys.argv[1] if len(sys.argv) > 1 else "results/quickstart.h5")

# Swept settings are the coordinates that have a key of the experiment file.
settings = [name for name, array in ds.coords.items() if "key" in array.attrs]
states = dict(zip(ds.state.attrs["flag_values"].tolist(), ds.state.attrs["flag_meanings"].split()))
over = f" over {', '.join(settings)}" if settings else ""
print(f"{ds.attrs['experiment']}: {ds.sizes['run']} runs{over}; losses are {ds.attrs['loss']}")
if not settings:  # nothing varies but the seed: all runs are one group
    settings = ["experiment"]
    ds = ds.assign_coords(experiment=("run", [ds.attrs["experiment"]] * ds.sizes["run"]))

# One row for each run: settings and every metric that is one number.
runs = ds.drop_dims([dim for dim in ds.dims if dim != "run"]).to_dataframe()
print(runs.state.map(states).value_counts().to_string())
if "best_valid_loss" in runs:
    # A setting that a run does not have is NaN, and a group as well.
    losses = runs.groupby(settings, dropna=False).best_valid_loss
    print(losses.describe()[["count", "min", "50%", "max"]].to_string())
else:
    print("no run has a validation loss")

# How much of the gradient reaches back: norm of dL/dh, first layer, at the end of training.
if "grad_hidden" in ds:
    reach = ds.grad_hidden.sel(probe="end").isel(layer=0)
    far = reach.lag.values[:: max(1, ds.sizes["lag"] // 5)]
    table = reach.sel(lag=far).to_dataframe().groupby(settings + ["lag"], dropna=False).grad_hidden.median()
    print(table.unstack().to_string())
