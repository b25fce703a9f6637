"""Results in the Test Anything Protocol, as automake's driver reads them."""

import sys
import traceback


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, good, name, why=""):
        self.count += 1
        if not good:
            self.failed += 1
        print("%sok %d - %s" % ("" if good else "not ", self.count, name))
        if not good and why:
            for line in str(why).splitlines():
                print("# " + line)
        sys.stdout.flush()

    def done(self):
        print("1..%d" % self.count)
        sys.exit(1 if self.failed else 0)


def skip_all(reason):
    print("1..0 # SKIP " + reason)
    sys.exit(0)


TESTS = []


def test(function):
    """Register a test; its first line of documentation is its name."""
    TESTS.append(function)
    return function


def run(*arguments):
    """Run what was registered, each with the arguments; never returns."""
    tap = Tap()
    for function in TESTS:
        name = (function.__doc__ or function.__name__).splitlines()[0].strip()
        try:
            function(*arguments)
        except Exception:
            tap.ok(False, name, traceback.format_exc())
        else:
            tap.ok(True, name)
    tap.done()


def same(got, want, what=""):
    if got != want:
        raise AssertionError("%s\n  got  %r\n  want %r" % (what, got, want))


def holds(condition, what):
    if not condition:
        raise AssertionError(what)
