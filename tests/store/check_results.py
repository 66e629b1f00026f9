"""Compares a results file, as the Python libraries give it, with what was written: check_results.py FILE EXPECTED.json"""
import json
import sys

import h5py
import netCDF4
import numpy as np
import xarray as xr

path, expected_path = sys.argv[1:]
with open(expected_path, encoding="utf-8") as file:
    expected = json.load(file)


def check(ok, *what):
    if not ok:
        sys.exit(" ".join(str(part) for part in what))


def check_dataset(ds, arrays, reader):
    for name, array in arrays.items():
        check(name in ds.variables, reader, name, "is not there")
        variable = ds[name]
        check(list(variable.dims) == array["dims"], reader, name, "has axes", variable.dims)
        values = np.array(array["values"]).reshape(variable.shape)
        same = np.array_equal(variable.values, values, equal_nan=values.dtype.kind == "f")
        check(same, reader, name, "differs", variable.values, values)
        for key, text in array.get("attrs", {}).items():
            check(variable.attrs[key] == text, reader, name, key, variable.attrs)


for engine in ("netcdf4", "h5netcdf"):
    with xr.open_dataset(path, engine=engine) as ds:
        check_dataset(ds, expected["root"], engine)
        for name in expected["coordinates"]:
            check(name in ds.coords, engine, name, "is no coordinate")
        for key, text in expected["attrs"].items():
            check(ds.attrs[key] == text, engine, key, ds.attrs)
        table = ds.drop_dims([dim for dim in ds.dims if dim != "run"]).to_dataframe()
        check(list(table.cell) == expected["root"]["cell"]["values"], engine, "cell differs in pandas")
    with xr.open_dataset(path, engine=engine, group="measured", decode_times=False) as ds:
        check_dataset(ds, expected["measured"], engine)
    with xr.open_dataset(path, engine=engine, group="provenance") as ds:
        for name, text in expected["provenance"].items():
            check(ds[name].item() == text, engine, name, ds[name].item())


with h5py.File(path) as file:
    for name, array in expected["root"].items():
        dataset = file[name]
        values = dataset.asstr()[:] if h5py.check_string_dtype(dataset.dtype) else dataset[:]
        right = np.array(array["values"]).reshape(values.shape)
        check(np.array_equal(values, right, equal_nan=right.dtype.kind == "f"), "h5py", name, "differs")
        if array["dims"] != [name]:
            labels = [list(dim.keys()) for dim in dataset.dims]
            check(labels == [[dim] for dim in array["dims"]], "h5py", name, "has labels", labels)

with netCDF4.Dataset(path) as file:
    for name, array in expected["root"].items():
        values = np.ma.filled(file[name][:], np.nan) if file[name].dtype == np.float64 else file[name][:]
        right = np.array(array["values"]).reshape(values.shape)
        check(np.array_equal(values, right, equal_nan=right.dtype.kind == "f"), "netCDF4", name, "differs")

# A file that netCDF can append to: the links keep their order.
with netCDF4.Dataset(path, "a") as file:
    file.createVariable("mine", "f8", ("run",))[:] = 1.0
with xr.open_dataset(path) as ds:
    check(float(ds.mine.sum()) == ds.sizes["run"], "netCDF4 cannot append")
