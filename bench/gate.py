"""What figures of a bench may not exceed: bench/gate.json, for each bench its figures by name. Under "regression", how many
times the recorded figure (docs/bench) a ratio may be."""
import json
import pathlib
import statistics

file = pathlib.Path(__file__).resolve().parent / "gate.json"


def figures(result):
    """Name -> one value a round: each ratio by its name, each measure of a contender or guest as `WHO: MEASURE`."""
    found = dict(result["ratios"])
    for who, measures in result.get("contenders", {}).items():
        found.update({f"{who}: {key}": values for key, values in measures.items()})
    for guest, cases in result.get("guests", {}).items():
        found.update({f"{guest}, {case}: {key}": values for case, measures in cases.items() for key, values in measures.items()})
    return found


def limits(bench):
    return json.loads(file.read_text()).get(bench, {})


def faults(result):
    """The lines of figures that are beyond their limit."""
    lines = []
    measured = figures(result)
    for name, limit in limits(result["name"]).items():
        if name not in measured:
            lines.append(f"gate: {name} was not measured")
            continue
        # The best round: noise only ever makes a time, or a ratio of CPU times, worse.
        best = min(measured[name])
        if best > limit:
            lines.append(f"gate: {name} is {best:.2f} in the best round; the limit is {limit}")
    return lines


def regressions(result, recorded):
    """The lines of ratios that are worse than those that were recorded."""
    lines = []
    for name, slack in json.loads(file.read_text())["regression"].get(result["name"], {}).items():
        limit = slack * statistics.median(recorded["ratios"][name])
        best = min(result["ratios"][name])
        if best > limit:
            lines.append(f"regression: {name} is {best:.2f} in the best round; {slack} times the recorded figure is {limit:.2f}")
    return lines
