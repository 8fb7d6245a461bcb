"""Several measurements of one thing, told as median and range."""
import statistics


class Spread:
    def __init__(self, values):
        self.median, self.low, self.high = statistics.median(values), min(values), max(values)

    def text(self, form):
        return f"{form.format(self.median)} [{form.format(self.low)}–{form.format(self.high)}]"

    def markdown(self, form):
        return f"{form.format(self.median)} ({form.format(self.low)}–{form.format(self.high)})"
