"""Runs the code cells of a notebook, one after the other, without a window: run_notebook.py NOTEBOOK"""
import json
import sys

import matplotlib

matplotlib.use("Agg")
with open(sys.argv[1], encoding="utf-8") as file:
    notebook = json.load(file)
names = {}
for number, cell in enumerate(notebook["cells"]):
    if cell["cell_type"] != "code":
        continue
    assert not cell["outputs"] and cell["execution_count"] is None, f"cell {number} has output: clear it"
    exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
