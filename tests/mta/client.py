"""client.py owns the client's end of an SMTP session, down to the bytes: it
says what a test tells it to say, in any order, and keeps what was said.
"""

import base64
import contextlib
import socket
import ssl
import time

VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1, "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
# As liberal as a client of fifteen years ago.
CIPHERS = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
LINE_MAX = 65536
PASSWORD = "correct-horse-7"


class Closed(Exception):
    """The server closed the connection where a reply was due."""


class InClear(ssl.SSLError):
    """The server spoke without TLS where a handshake was due; what it said."""


class Tls:
    """TLS on a socket, between which one can listen: a handshake that meets plain
    text fails without telling it."""

    def __init__(self, sock, made, name):
        self.sock, self.first = sock, b""
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = made.wrap_bio(self.incoming, self.outgoing, server_hostname=name)
        try:
            self.do(self.tls.do_handshake)
        except ssl.SSLError as e:
            if self.first[:1].isdigit():
                raise InClear(self.first.decode("latin-1")) from e
            raise

    def do(self, step, *arguments):
        while True:
            try:
                result = step(*arguments)
            except ssl.SSLWantReadError:
                self.flush()
                self.hear()
                continue
            except ssl.SSLError:
                with contextlib.suppress(OSError):      # of an alert
                    self.flush()
                raise
            self.flush()
            return result

    def flush(self):
        if self.outgoing.pending:
            self.sock.sendall(self.outgoing.read())

    def hear(self):
        data = self.sock.recv(16384)
        self.first = self.first or data
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()

    def sendall(self, data):
        self.do(self.tls.write, data)

    def recv(self, size):
        try:
            return self.do(self.tls.read, size)
        except ssl.SSLEOFError:
            return b""

    def cipher(self):
        return self.tls.cipher()

    def close(self):
        self.sock.close()


class Reply:
    def __init__(self, lines):
        self.lines = lines
        self.code = int(lines[0][:3])

    @property
    def text(self):
        return "\n".join(self.lines)

    def offers(self, word):
        return any(line[4:].split(" ")[0].upper() == word for line in self.lines[1:])

    def __repr__(self):
        return self.text


def context(version=None, ciphers=CIPHERS, cert=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.set_ciphers(ciphers)
    made.minimum_version = VERSIONS[version or "TLSv1"]
    made.maximum_version = VERSIONS[version or "TLSv1.3"]
    if cert:
        made.load_cert_chain(*cert)
    return made


class Smtp:
    """One connection.  Everything said and heard is in `dialogue'."""

    def __init__(self, address, source=None, timeout=45, greet=True, tls=None):
        """tls: keywords for context(), to start with TLS from the first byte."""
        self.dialogue = []
        self.begun = time.time()
        self.cipher = None      # what the client's own TLS library says of it
        self.helo = None
        self.greeting = None
        self.sock = socket.create_connection(
            address, timeout, (source, 0) if source else None)
        self.pending = b""
        if tls is not None:
            self.handshake(**tls)
        if greet:
            self.greeting = self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def handshake(self, **keywords):
        self.dialogue.append("(handshake %s)" % keywords)
        made = context(**keywords)
        self.sock = Tls(self.sock, made, "mx.example.com")
        self.cipher = self.sock.cipher()[0]
        self.pending = b""

    def line(self):
        while b"\n" not in self.pending:
            if len(self.pending) > LINE_MAX:
                raise Closed("a reply without end")
            try:
                data = self.sock.recv(4096)
            except TimeoutError as e:
                raise TimeoutError("\n".join(["no answer to"] + self.dialogue)) from e
            if not data:
                raise Closed("\n".join(self.dialogue))
            self.pending += data
        line, _, self.pending = self.pending.partition(b"\n")
        text = line.rstrip(b"\r").decode("latin-1")
        self.dialogue.append("S: " + text)
        return text

    def reply(self):
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return Reply(lines)

    def send(self, data):
        self.sock.sendall(data)

    def say(self, text):
        """Send a line as it is, without waiting."""
        data = text if isinstance(text, bytes) else text.encode("utf-8")
        self.dialogue.append("C: " + data.decode("latin-1"))
        self.send(data + b"\r\n")

    def command(self, text):
        self.say(text)
        return self.reply()

    def ehlo(self, name="client.test.example"):
        self.helo = name
        return self.command(b"EHLO " + name if isinstance(name, bytes) else "EHLO " + name)

    def starttls(self, **keywords):
        """STARTTLS and the handshake, but no new EHLO."""
        answer = self.command("STARTTLS")
        if answer.code == 220:
            self.handshake(**keywords)
        return answer

    def login(self, user="ann", password=PASSWORD, mechanism="PLAIN"):
        if isinstance(user, str):
            user = user.encode("utf-8")
        if mechanism == "PLAIN":
            token = base64.b64encode(b"\0" + user + b"\0" + password.encode("ascii"))
            return self.command("AUTH PLAIN " + token.decode("ascii"))
        answer = self.command("AUTH LOGIN")
        for item in (user, password.encode("ascii")):
            if answer.code != 334:
                break
            answer = self.command(base64.b64encode(item).decode("ascii"))
        return answer

    def mail(self, sender="sender@example.net"):
        return self.command("MAIL FROM:<%s>" % sender)

    def rcpt(self, recipient="rcpt@example.com"):
        return self.command("RCPT TO:<%s>" % recipient)

    def data(self, text="Subject: test\r\n\r\nA line.\r\n"):
        answer = self.command("DATA")
        if answer.code != 354:
            return answer
        return self.command(text + ".")

    def message(self, sender="sender@example.net", recipient="rcpt@example.com"):
        """A whole message; the first reply that is not 2xx, or the last."""
        for step in (lambda: self.mail(sender), lambda: self.rcpt(recipient), self.data):
            answer = step()
            if answer.code // 100 != 2:
                break
        return answer

    def quit(self):
        answer = self.command("QUIT")
        self.close()
        return answer
