"""Several measurements of one thing, told as median and range."""
import statistics


def in_turn(contenders, i):
    """Those of round `i`: each order and its reverse, so that a drift of the machine favours nobody."""
    return list(contenders)[:: 1 if i % 2 == 0 else -1]


def ratio_table(ratios):
    """Lines of markdown. `ratios`: name -> values of the rounds."""
    return ["| ratio | median (min–max of rounds) |", "|---|---|",
            *(f"| {name} | {Spread(values).markdown('{:.2f}')} |" for name, values in ratios.items())]


class Spread:
    def __init__(self, values):
        self.median, self.low, self.high = statistics.median(values), min(values), max(values)

    def text(self, form):
        return f"{form.format(self.median)} [{form.format(self.low)}–{form.format(self.high)}]"

    def markdown(self, form):
        return f"{form.format(self.median)} ({form.format(self.low)}–{form.format(self.high)})"
