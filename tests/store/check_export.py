"""Reads exported files with the packages that users read them with; argv: what, the file or folder, JSON."""
import json
import sys


def weights(path, expected):
    if path.endswith(".npz"):
        import numpy

        arrays = dict(numpy.load(path))
        assert arrays.pop("cell").item().decode() == expected["cell"]
    else:
        import h5py

        with h5py.File(path) as file:
            arrays = {name: file[name][()] for name in file}
            assert file.attrs["cell"] == expected["cell"]
    assert set(arrays) == set(expected["weights"]), set(arrays)
    for name, (shape, values) in expected["weights"].items():
        assert list(arrays[name].shape) == shape, (name, arrays[name].shape)
        assert arrays[name].dtype == "float32"
        assert arrays[name].ravel().tolist() == values, name


def tensorboard(folder, expected):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for run, metrics in expected.items():
        events = EventAccumulator(f"{folder}/{run}", size_guidance={"scalars": 0})
        events.Reload()
        for tag, points in metrics.items():
            found = [[e.step, e.value] for e in events.Scalars(tag)]
            assert found == points, (run, tag, found, points)


what, path, expected = sys.argv[1:]
with open(expected) as file:
    {"weights": weights, "tensorboard": tensorboard}[what](path, json.load(file))
