#!/usr/bin/env python3
"""Runs the end-to-end tests (test_*.py beside this file, or those named) and ends with `N passed, N failed`.

    tests/run.py                 all
    tests/run.py test_server     one file
"""
import pathlib
import signal
import sys
import unittest

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here))


class Lines(unittest.TestResult):
    """One line per test: `ok NAME` or `FAILED NAME` with what happened."""

    passed = 0
    failed = 0

    def addSuccess(self, test):
        self.passed += 1
        print(f"ok {test.id()}", flush=True)

    def fault(self, test, error):
        self.failed += 1
        print(f"FAILED {test.id()}\n{self._exc_info_to_string(error, test)}", flush=True)

    addError = addFailure = fault

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.fault(subtest, error)

    def addSkip(self, test, reason):
        # A test that did not run shows nothing: it counts as failed.
        self.failed += 1
        print(f"FAILED {test.id()}: skipped: {reason}", flush=True)


# Where this runs in the background it is ignored, also by what is started here; tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)
names = sys.argv[1:] or sorted(p.stem for p in here.glob("test_*.py"))
result = Lines()
unittest.defaultTestLoader.loadTestsFromNames(names).run(result)
print(f"{result.passed} passed, {result.failed} failed")
sys.exit(result.failed != 0)
