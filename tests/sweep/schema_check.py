"""The JSON Schema and load_plan agree: every good experiment is valid, and every bad one is refused by both,
but for those whose mistake only load_plan can see. Usage: schema_check.py PRINT_SCHEMA SOURCE_FOLDER
"""

import json
import pathlib
import re
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

# Mistakes that a schema cannot see: between keys, of files, of amounts, and of YAML itself.
ONLY_LOAD_PLAN = {
    "batch_too_large", "bidirectional_text", "duplicate_keys", "embedding", "exclude_all", "exclude_nothing", "few_params",
    "include_known", "include_same", "memory", "memory_of_data", "memory_of_run", "memory_of_states", "metric_of_symbols",
    "metric_of_task", "nesterov_without_momentum", "no_decision", "no_decision_of_halving", "overrides", "params",
    "random_exclude", "random_exhausted", "random_nothing", "random_rules", "run_cap", "run_cap_default",
    "same_file_twice", "second_files", "series_files", "shares", "tag", "unused_axis", "unused_by_task", "unused_settings",
    "unused_value", "warmup", "wrong_form",
}
# No YAML reader gets through these.
NOT_YAML = {"alias_bomb", "alias_cycle", "deep", "several_documents", "tabs", "unclosed_bracket", "unclosed_quote"}


class Loader(yaml.SafeLoader):
    """Plain scalars as in YAML 1.2, which editors follow: yes and off are text, 1e-5 is a number."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:~|null|)$", "~n"),
    ("int", r"^[-+]?(?:[0-9]+)$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^$"), [""])
Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def main(print_schema, source):
    schema = json.loads(subprocess.run([print_schema], check=True, capture_output=True).stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    specs = source / "tests/sweep/specs"
    failures = []

    def judge(name, text, valid):
        errors = [e.message for e in validator.iter_errors(yaml.load(text, Loader))]
        if valid != (not errors):
            failures.append(f"{name}: {'should be valid: ' if valid else 'should not be valid'} {errors[:2]}")

    good = sorted((specs / "ok").glob("*.yaml")) + sorted((source / "experiments").glob("*.yaml"))
    for path in good:
        judge(path, path.read_text(), True)
    for block in re.findall(r"```yaml\n(.*?)```", (source / "experiments/README.md").read_text(), re.S):
        judge(f"README: {block}", block, True)
    bad = sorted((specs / "bad").glob("*.yaml"))
    for path in bad:
        if path.stem not in NOT_YAML:
            judge(path, path.read_text(), path.stem in ONLY_LOAD_PLAN)
    unknown = (ONLY_LOAD_PLAN | NOT_YAML) - {path.stem for path in bad}
    if unknown:
        failures.append(f"no such files: {unknown}")
    if len(good) < 15 or len(bad) < 40:
        failures.append("specs are missing")
    print("\n".join(failures) or f"{len(good)} good and {len(bad)} bad experiments agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
