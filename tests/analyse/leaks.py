#!/usr/bin/env python3
"""The daemon, built with a sanitizer, looks for leaks when it ends: none of its
own is there, and a planted one is found.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir, "milter"))

import daemon
import tap
from daemon import Daemon
from fakemta import Mta
from tap import test, same, holds

PLANTED = os.path.join(daemon.BUILD, "tests", "analyse", "planted")
WORDS = "LeakSanitizer: detected memory leaks"


class Planted(Daemon):
    def arguments(self):
        return [PLANTED] + super().arguments()[1:]


def life(mistake):
    """A daemon from start to end, with a session that is over and one that is
    not; its exit status and what it said."""
    os.environ["PLANTED"] = mistake
    try:
        with Planted() as d:
            for _ in range(20):
                m = Mta(d.socket).port(25)
                m.connect()
                m.helo()
                m.message()
                m.quit()
                d.record(event="message")
            held = Mta(d.socket).port(25)
            held.connect()
            held.helo()
            status = d.stop()
            held.vanish()
            return status, d.text()
    finally:
        del os.environ["PLANTED"]


@test
def clean():
    """a daemon that ends has lost no memory"""
    status, text = life("")
    same(status, 0, text)
    holds(WORDS not in text, text)


@test
def planted():
    """a planted leak is found, and its place is named"""
    status, text = life("leak")
    holds(status != 0, "exit status %d:\n%s" % (status, text))
    holds(WORDS in text and " in leak " in text, text)


tap.run()
