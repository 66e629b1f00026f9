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
print(f"{ds.attrs['experiment']}: {ds.sizes['run']} runs over {', '.join(settings)}; losses are {ds.attrs['loss']}")

# One row for each run: settings and every metric that is one number.
runs = ds.drop_dims([dim for dim in ds.dims if dim != "run"]).to_dataframe()
print(runs.state.map(states).value_counts().to_string())
print(runs.groupby(settings).best_valid_loss.describe()[["count", "min", "50%", "max"]].to_string())

# How much of the gradient reaches back: norm of dL/dh, first layer, at the end of training.
if "grad_hidden" in ds:
    reach = ds.grad_hidden.sel(probe="end").isel(layer=0)
    far = reach.lag.values[:: max(1, ds.sizes["lag"] // 5)]
    print(reach.sel(lag=far).to_dataframe().groupby(settings + ["lag"]).grad_hidden.median().unstack().to_string())
