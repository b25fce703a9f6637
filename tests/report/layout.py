"""The page of a report in a browser, on a telephone, a desktop and paper, in light
and dark: nothing is wider than it, every text can be read, no number is broken,
no chart is empty, and the page fetches nothing.  Speaks TAP."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../milter"))
import tap

BUILD = os.environ.get("TOP_BUILDDIR", ".")
TLSWARDEN = os.path.join(BUILD, "policy/cli/tlswarden")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

# A telephone, a tablet, a desktop; the width of a page of A4, with its margins.
VIEWS = ((360, "light"), (360, "dark"), (800, "light"), (1280, "light"), (1280, "dark"),
         (680, "print"))
# From the smallest telephone on, with each edge of the style and both its sides.
WIDTHS = (320, 360, 480, 600, 640, 641, 800, 1000, 1001, 1050, 1100, 1160, 1161, 1200, 1280,
          1600)
CONTRAST = 4.5          # WCAG 2.1, success criterion 1.4.3

# A window has a least width of its own; a frame in it has none.  A browser takes
# long to start: it shows all frames of a page at once.
FRAMES = """<!DOCTYPE html><body style="margin:0"><script>
const said = {};
onmessage = e => {
    for (let i = 0; i < frames.length; i++)
        if (frames[i] == e.source)
            said[i] = JSON.parse(e.data);
    if (Object.keys(said).length == COUNT)
        document.title = "PROBE" + JSON.stringify(said) + "END";
};
</script>"""
FRAME = '<iframe src="%s.html" style="width:%dpx;height:3000px;border:0"></iframe>'

# What the browser says of a page, for the title of the frame.
PROBE = """<script>
const wide = [], drawn = [], faint = [], broken = [];
function shine(c) {     // relative luminance, WCAG 2.1
    const [r, g, b] = c.match(/[0-9.]+/g).map(Number).map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function ground(e) {
    for (; e; e = e.parentElement) {
        const c = getComputedStyle(e).backgroundColor;
        if (c != "rgba(0, 0, 0, 0)")
            return c;
    }
    return "rgb(255, 255, 255)";
}
for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()) || e.closest("script"))
        continue;
    const a = shine(getComputedStyle(e).color), b = shine(ground(e));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < CONTRAST)
        faint.push(e.tagName + "." + e.className + " " + contrast.toFixed(1));
}
for (const e of document.querySelectorAll(".tiles b, td.n, td.s, td.w, .bars b, .y span")) {
    const range = document.createRange();
    range.selectNodeContents(e);
    if (e.textContent.length < 16 && e.checkVisibility() &&
        new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1)
        broken.push(e.textContent);
}
for (const e of document.querySelectorAll("body *")) {
    const r = e.getBoundingClientRect();
    if (getComputedStyle(e).clipPath == "none" && !e.closest("thead") &&
        r.width > 0 && (r.right > innerWidth + 1 || r.left < -1))
        wide.push(e.tagName + "." + (e.getAttribute("class") || ""));
}
for (const svg of document.querySelectorAll("figure svg")) {
    const r = svg.getBoundingClientRect();
    drawn.push({width: r.width, height: r.height,
        rects: svg.querySelectorAll("rect").length,
        wrong: [...svg.querySelectorAll("rect")].filter(e => {
            const b = e.getBoundingClientRect();
            return b.height < 0 || b.width <= 0 || b.left < r.left - 1 ||
                b.right > r.right + 1 || b.top < r.top - 1 || b.bottom > r.bottom + 1;
        }).length});
}
parent.postMessage(JSON.stringify({
    width: innerWidth, scroll: document.documentElement.scrollWidth,
    wide: wide.slice(0, 5), drawn: drawn, faint: faint.slice(0, 5),
    broken: broken.slice(0, 5), dark: shine(ground(document.body)) < 0.2,
    fetched: performance.getEntriesByType("resource").length}), "*");
</script>"""

plan = tap.Tap()


def record(day, text):
    return ("2026-11-%02dT10:00:00+00:00 mail.example.org tlswardend[7]: v=1 %s\n" %
            (day, text))


def message(day, i, tls, user=None, domain="example.net"):
    clear = tls == "none"
    facts = "tls=none outcome=cleartext" if clear else (
        "tls=%s cipher=TLS_AES_256_GCM_SHA384 cipher_bits=256 outcome=%s" %
        (tls, "encrypted" if tls > "TLSv1.1" else "deprecated"))
    who = ("service=submission port=587 client=2001:db8:%x::25 helo=pc %s auth=PLAIN "
           "user=\"%s\"" % (i, facts, user) if user else
           "service=mx port=25 client=192.0.2.%d helo=mx %s auth=none" % (i % 250, facts))
    return record(day, "event=message id=%d verdict=accept rule=default stage=eom %s "
                  "sender=\"a@%s\"" % (i, who, domain))


def busy_log():
    """Several days, every version, and names that are as long as names get."""
    lines = []
    for i in range(600):
        tls = ("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1", "none")[i % 5]
        domain = ("w" * 60 + "." + "i" * 60 + ".example") if i % 7 == 0 else (
            "d%d.example" % (i % 40))
        user = ("W" * 120 + str(i), "ann", "<b>\\x22" + "&" * 40)[i % 3] if i % 2 else None
        lines.append(message(1 + i % 20, i, tls, user, domain))
        if i % 10 == 0:
            lines.append(record(1 + i % 20, "event=session id=%d verdict=accept "
                                "rule=default stage=close service=mx port=25 "
                                "client=203.0.113.%d tls=none outcome=abandoned" % (i, i % 200)))
    return "".join(lines)


def several_hosts():
    """Two machines, for a table of them, and all else that has a table."""
    lines = busy_log().splitlines(True)
    for i in range(1, len(lines), 2):
        lines[i] = lines[i].replace("mail.example.org", "mx2.example.org")
    for i in range(3):
        user = ("ann@example.com", "bob@example.com", "a.longer@example")[i]
        lines.append(message(20, i, "none", user))
        lines.append(message(20, i, "TLSv1.1", user))
        lines.append(record(20, "event=alarm kind=password-exposed user=%s service=submission "
                            "client=192.0.2.0/24 mechanism=PLAIN count=12345 "
                            "since=2026-11-20T09:10:11Z" % user))
    return "".join(lines)


def dates(html):
    """What stands below the first chart."""
    found = re.search(r'<div class="x"[^>]*>(.*?)</div>', html)
    return re.findall(r"<span>(.*?)</span>", found.group(1))


def page(directory, log, *options):
    path = os.path.join(directory, "mail.log")
    with open(path, "w") as f:
        f.write(log)
    run = subprocess.run([TLSWARDEN, "report", "--format", "html", *options, path],
                         stdout=subprocess.PIPE, check=False)
    assert run.returncode in (0, 1), run.returncode
    return run.stdout.decode("ascii")


def shown_as(html, view):
    """The page with the style of a screen or of paper."""
    if view == "print":
        # There is no other way to look at it in a frame: the two change places.
        html = html.replace("@media screen", "@media speech")
        html, n = re.subn("@media print", "@media screen", html)
        assert n == 1
    return html


def probe(directory, html, views):
    """What each view of the page said of itself: (width, view) and that."""
    # The page forbids scripts; this one is ours.
    html, n = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    assert n == 1
    for view in {v for _, v in views}:
        with open(os.path.join(directory, view + ".html"), "w") as f:
            f.write(shown_as(html, view).replace(
                "</body>", PROBE.replace("CONTRAST", str(CONTRAST)) + "</body>"))
    said = {}
    # What a person prefers is the whole browser's.
    for dark in (False, True):
        these = [one for one in views if (one[1] == "dark") == dark]
        if these:
            said.update(zip(these, browse(directory, these, dark)))
    return [(one, said[one]) for one in views]


def browse(directory, views, dark):
    frames = os.path.join(directory, "frames.html")
    with open(frames, "w") as f:
        f.write(FRAMES.replace("COUNT", str(len(views))) +
                "".join(FRAME % (view, width) for width, view in views))
    run = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars",
         "--blink-settings=preferredColorScheme=%d" % (0 if dark else 1),
         "--user-data-dir=" + tempfile.mkdtemp(dir=directory),
         "--window-size=1700,3000", "--virtual-time-budget=3000", "--dump-dom",
         "file://" + frames],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False)
    said = re.search(r"PROBE(.*?)END", run.stdout.decode("utf-8", "replace"))
    # Quotes in the title are as they are, brackets of tags are escaped.
    found = json.loads(said.group(1).replace("&lt;", "<").replace("&gt;", ">")
                       .replace("&amp;", "&"))
    return [found[str(i)] for i in range(len(views))]


def many(directory, log, messages):
    """The page of that log when what is in it was seen so often that there are as
    many messages, or a few more: their log itself would be too long."""
    path = os.path.join(directory, "many.log")
    with open(path, "w") as f:
        f.write(log)
    times = -(-messages // log.count("event=message"))
    html = subprocess.check_output([os.path.join(BUILD, "tests/report/page"), str(times),
                                    path]).decode("ascii")
    assert "<b>{:,}</b>".format(times * log.count("event=message")) in html
    return html


def main():
    if BROWSER is None and os.environ.get("TLSWARDEN_TESTS_ALL"):
        plan.ok(False, "chromium is to be here, and is not")
        plan.done()
    if BROWSER is None:
        tap.skip_all("chromium is not here")
    with tempfile.TemporaryDirectory() as directory:
        busy = page(directory, busy_log())
        pages = {"no message": page(directory, ""),
                 "one message": page(directory, message(20, 1, "TLSv1.3")),
                 "many users": busy,
                 "ten million messages": many(directory, busy_log(), 10 ** 7)}
        for name, html in pages.items():
            for (width, view), said in probe(directory, html, VIEWS):
                where = "%s, %d wide, %s" % (name, width, view)
                plan.ok(said["dark"] == (view == "dark"), where + ": light or dark", said)
                plan.ok(not said["faint"], where + ": every text can be read", said)
                plan.ok(not said["broken"], where + ": no number or word is broken", said)
                plan.ok(said["width"] == width, where + ": the window", said)
                plan.ok(said["scroll"] <= width and not said["wide"],
                        where + ": nothing is wider", said)
                plan.ok(said["fetched"] == 0, where + ": nothing is fetched", said)
                # Two charts over time, and a bar for each domain in the clear.
                charts = {"no message": 0, "one message": 2}.get(name, 7)
                plan.ok(len(said["drawn"]) == charts and
                        all(c["rects"] > 0 and c["wrong"] == 0 and c["width"] > 200
                            for c in said["drawn"]), where + ": charts", said)
        for name, html in (
                ("several hosts", page(directory, several_hosts())),
                ("several hosts, ten million messages",
                 many(directory, several_hosts(), 10 ** 7)),
                ("counted by four", page(directory, several_hosts(), "--by",
                                         "host,user,client,cipher"))):
            for (width, _), said in probe(directory, html, [(w, "light") for w in WIDTHS]):
                where = "%s, %d wide" % (name, width)
                plan.ok(said["width"] == width and said["scroll"] <= width and not said["wide"],
                        where + ": nothing is wider", said)
                plan.ok(not said["broken"], where + ": no number or word is broken", said)
        for days in (1, 2, 3, 4, 30):
            html = page(directory, "".join(message(day, day, "TLSv1.3")
                                           for day in range(1, days + 1)))
            wanted = sorted({1, days} | ({days // 2 + 1} if days % 2 or days > 20 else set()))
            said = dates(html)
            plan.ok(said == ["2026-11-%02d" % day for day in wanted],
                    "%d days: first, last and middle are named" % days, said)
    plan.done()


main()
