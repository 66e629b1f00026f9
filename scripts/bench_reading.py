#!/usr/bin/env python3
"""How long it takes to read a large results file: `unroll bench --store --keep FILE.h5`, then this with FILE.h5.

Prints the median of five readings each, in this process, the file being in memory by then.
"""
import statistics
import sys
import time

import xarray


def median_seconds(action, rounds=5):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def last_epoch(path, engine):
    with xarray.open_dataset(path, engine=engine) as ds:
        return ds.valid_loss.isel(epoch=-1).values


path = sys.argv[1]
for engine in ("netcdf4", "h5netcdf"):
    opened = median_seconds(lambda: xarray.open_dataset(path, engine=engine).close())
    column = median_seconds(lambda: last_epoch(path, engine)) - opened
    whole = median_seconds(lambda: xarray.open_dataset(path, engine=engine).valid_loss.values, 1) - opened
    print(f"{engine:9} open {opened:.3f} s, one metric of all runs at one epoch {column:.3f} s, at all epochs {whole:.3f} s")
