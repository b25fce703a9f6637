"""tap.py owns what a test prints: results in the Test Anything Protocol, and
beneath a failed one what a person needs to see why.
"""

import sys
import traceback


class Plan:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def result(self, good, name, detail=()):
        self.count += 1
        name = name.replace("#", "\\#")
        print("%s %d - %s" % ("ok" if good else "not ok", self.count, name))
        if not good:
            self.failed += 1
            for item in detail:
                for line in str(item).splitlines() or [""]:
                    print("#   " + line)
        sys.stdout.flush()
        return good

    def skip(self, name, why):
        self.count += 1
        print("ok %d - %s # SKIP %s" % (self.count, name, why))

    def done(self):
        print("1..%d" % self.count)
        sys.stdout.flush()
        return 1 if self.failed else 0


PLAN = Plan()


def ok(good, name, *detail):
    return PLAN.result(bool(good), name, detail)


def same(got, wanted, name, *detail):
    return PLAN.result(got == wanted, name,
                       ("got    %r" % (got,), "wanted %r" % (wanted,)) + detail)


def attempt(function, name, *args):
    """Call it; what it raises is a failed result, and the next test goes on."""
    try:
        function(*args)
    except Exception:
        PLAN.result(False, name, (traceback.format_exc(),))


def bail_out():
    """The bed itself fell: nothing that follows would mean anything."""
    for line in traceback.format_exc().splitlines():
        print("#   " + line)
    PLAN.result(False, "the bed stands")
