"""A mail server as a milter sees it: the protocol's bytes and nothing else.

The constants are those of libmilter/mfdef.h.  Like a real server it sends at
each stage the macros that the milter asked for, as far as they have a value,
and leaves out the stages that the milter declined.
"""

import os
import socket
import struct

PATIENCE = float(os.environ.get("TLSWARDEN_PATIENCE", "1"))       # as in daemon.py

ACTIONS = 0x1FF
STEPS = 0x1FFFFF
SETSYMLIST = 0x100

NOCONNECT, NOHELO, NOMAIL, NORCPT = 0x1, 0x2, 0x4, 0x8
NOBODY, NOHDRS, NOEOH, NOUNKNOWN, NODATA = 0x10, 0x20, 0x40, 0x100, 0x200
NR_CONN = 0x1000

# places of smfi_setsymlist(), and the command each belongs to
PLACES = {b"C": 0, b"H": 1, b"M": 2, b"R": 3, b"T": 4, b"E": 5, b"N": 6}

# what a server sends when it is not asked for anything in particular
CUSTOMARY = {
    0: "j _ {daemon_name} {if_name} {if_addr}",
    1: "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
    2: "i {auth_type} {auth_authen} {auth_author} {mail_addr}",
    3: "{rcpt_addr}",
    5: "i",
}


class Closed(Exception):
    pass


def drain(s):
    """Read until the other side has closed, too."""
    try:
        while s.recv(4096):
            pass
    except ConnectionResetError:
        pass
    s.close()


class Mta:
    """One session.  `macros' is what the server knows, to be changed freely."""

    def __init__(self, address, actions=ACTIONS, steps=STEPS, negotiate=True):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(20 * PATIENCE)
        self.socket.connect(address)
        self.macros = {"j": "mx.example.org", "v": "Postfix 3.7.11",
                       "{daemon_port}": "25", "{daemon_addr}": "203.0.113.1",
                       "{daemon_name}": "smtpd"}
        self.actions, self.steps = actions, steps
        self.lists = dict(CUSTOMARY)
        if negotiate:
            self.negotiate()

    # --- bytes

    def send(self, command, data=b""):
        self.socket.sendall(struct.pack("!I", 1 + len(data)) + command + data)

    def exactly(self, n):
        data = b""
        while len(data) < n:
            try:
                more = self.socket.recv(n - len(data))
            except ConnectionResetError:
                more = b""
            if not more:
                raise Closed()
            data += more
        return data

    def receive(self):
        length, = struct.unpack("!I", self.exactly(4))
        packet = self.exactly(length)
        return packet[:1], packet[1:]

    def reply(self):
        """c, a, r, t; or the text of a reply of the milter's own."""
        command, data = self.receive()
        if command == b"y":
            if data[-1:] != b"\0" or b"\0" in data[:-1]:
                raise AssertionError("reply %r" % data)
            return data[:-1].decode("ascii")
        return command.decode("ascii")

    # --- stages

    def negotiate(self, version=6):
        self.send(b"O", struct.pack("!III", version, self.actions, self.steps))
        command, data = self.receive()
        if command != b"O":
            raise AssertionError("negotiation answered with %r" % command)
        self.version, self.wanted, self.declined = struct.unpack("!III",
                                                                 data[:12])
        self.asked, at = {}, 12
        while at < len(data):
            place, = struct.unpack("!I", data[at:at + 4])
            end = data.index(b"\0", at + 4)
            self.asked[place] = data[at + 4:end].decode("ascii")
            at = end + 1
        if self.wanted & SETSYMLIST:
            self.lists.update(self.asked)

    def define(self, command, macros=None):
        """Send the macros of a stage; a given dictionary is sent as it is."""
        if macros is None:
            names = self.lists.get(PLACES[command], "").split()
            macros = {n: self.macros[n] for n in names if n in self.macros}
            if not macros:
                return
        data = b""
        for name, text in macros.items():
            if isinstance(text, str):
                text = text.encode("utf-8", "surrogateescape")
            data += name.encode() + b"\0" + text + b"\0"
        self.send(b"D", command + data)

    def stage(self, command, data, macros=None):
        self.define(command, macros)
        self.send(command, data)

    def connect(self, address="192.0.2.7", host="client.example.net",
                port=40000, family=None, macros=None):
        if host != "localhost":
            self.macros.setdefault("{client_name}", host)
            self.macros.setdefault("{client_resolve}", "OK")
        family = family or (b"6" if ":" in address else b"4")
        data = host.encode() + b"\0" + family
        if family != b"U":
            data += struct.pack("!H", port) + address.encode() + b"\0"
        self.stage(b"C", data, macros)
        return None if self.declined & NR_CONN else self.reply()

    def text(self, text):
        return text if isinstance(text, bytes) else text.encode()

    def helo(self, name="client.example.net", macros=None):
        self.stage(b"H", self.text(name) + b"\0", macros)
        return self.reply()

    def mail(self, sender="<ann@example.net>", *parameters, macros=None):
        data = b"".join(self.text(t) + b"\0" for t in (sender,) + parameters)
        self.stage(b"M", data, macros)
        return self.reply()

    def rcpt(self, recipient="<bob@example.org>", macros=None):
        if self.declined & NORCPT:
            return "c"
        self.stage(b"R", self.text(recipient) + b"\0", macros)
        return self.reply()

    def eom(self, qid="4F1A2B3C4D", macros=None):
        self.macros["i"] = qid
        self.stage(b"E", b"", macros)
        del self.macros["i"]
        return self.reply()

    def message(self, sender="<ann@example.net>", qid="4F1A2B3C4D"):
        """A whole message that nobody minds."""
        answers = [self.mail(sender), self.rcpt(), self.eom(qid)]
        if answers != ["c", "c", "c"]:
            raise AssertionError("message got %r" % answers)

    def abort(self):
        self.send(b"A")

    def quit(self):
        """Over when the milter has closed too: it has said what it had to."""
        self.send(b"Q")
        drain(self.socket)

    def vanish(self):
        self.socket.close()

    # --- facts

    def tls(self, version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384",
            bits="256"):
        self.macros.update({"{tls_version}": version, "{cipher}": cipher,
                            "{cipher_bits}": bits})
        return self

    def login(self, mechanism="PLAIN", user="ann"):
        self.macros.update({"{auth_type}": mechanism, "{auth_authen}": user,
                            "{auth_author}": ""})
        return self

    def port(self, port, daemon=None):
        self.macros["{daemon_port}"] = str(port)
        if daemon:
            self.macros["{daemon_name}"] = daemon
        return self


def postfix(mta):
    """What every session is at first."""
    return mta


def sendmail(mta):
    """The same session on the other server: Sendmail sends empty values."""
    mta.macros.update({"v": "8.17.1.9", "{verify}": "NO",
                       "{cert_subject}": "", "{cert_issuer}": "",
                       "{cn_subject}": "", "{cn_issuer}": "",
                       "{daemon_name}": "MTA"})
    return mta
