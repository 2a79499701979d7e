"""A Quectel EC200 that is not Ferry's: commands answered with other spacing, echo and order than ferry-modem has.

It listens on a TCP port for QEMU's serial line and bridges its sockets to loopback addresses. How each answer is written
is drawn: none, one or two spaces behind the colon, blank lines doubled, messages of the module's own between the lines,
results before and behind the OK they belong to, and all of it in pieces. Where wanted, echo stays on whatever ATE0 says.
"""
import re
import selectors
import socket
import threading
import time

OWN = ("+CREG: 1", "+CREG:5", '+QIND: "csq",20,99', "+CGREG: 1", '+QIURC:"dnsgip",0,1,600', "+QUSIM: 1", '+CTZV: "+00",0',
       "+CPIN: READY", "SMS DONE", "PB DONE", "+QNTP: 0")
START = b"\0\xff\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\n+QUSIM: 1\r\n"
LATER = b"\r\n+QIND: SMS DONE\r\n\r\n\r\n+QIND: PB DONE\r\n\r\nAPP RDY\r\n\r\n"
MOST = 1500  # bytes of one read


class Link:
    """One of the module's sockets."""

    def __init__(self, address, push):
        self.push = push  # what arrives is given to the host at once
        self.peer = socket.create_connection(address, 10)
        self.peer.setblocking(False)
        self.address = address
        self.waiting = b""
        self.total = self.read = 0
        self.announced = self.ended = False


class Player(threading.Thread):
    def __init__(self, names, dice, echo):
        super().__init__(daemon=True)
        self.echo = echo  # whatever ATE0 says
        self.names, self.dice = names, dice  # names: {("ftp.example", 21): ("127.0.0.1", 2121)}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.line = None
        self.typed = b""
        self.wanted = None  # link and size of what the host sends after a prompt
        self.links = {}
        self.unknown = []  # commands that got ERROR because the player does not know them
        self.count = 0
        self.given = 0  # bytes of payload
        self.going = True
        self.echoing = True

    # --- the line ---

    def run(self):
        while self.going:
            try:
                self.line, _ = self.listener.accept()
            except OSError:
                return
            self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.typed, self.wanted, self.echoing = b"", None, True
            try:
                self.say_bytes(START)
                self.live()
            except OSError:
                pass  # the board lost its power
            for link in list(self.links):
                self.close(link)
            self.line.close()

    def end(self):
        self.going = False
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def live(self):
        while self.going:
            with selectors.DefaultSelector() as selector:
                selector.register(self.line, selectors.EVENT_READ, None)
                for number, link in self.links.items():
                    if not link.ended and len(link.waiting) < 8 * MOST:
                        selector.register(link.peer, selectors.EVENT_READ, number)
                for key, _ in selector.select(0.2):
                    if key.data is None:
                        received = self.line.recv(4096)
                        if not received:
                            return
                        self.take(received)
                    elif key.data in self.links:
                        self.fill(key.data)

    def say_bytes(self, content):
        while content:
            size = self.dice.choice((1, 2, 7, 40, 4000))
            self.line.sendall(content[:size])
            content = content[size:]

    def say(self, *lines):
        """Lines, with blank ones between them and messages of the module's own."""
        for text in lines:
            if self.dice.random() < 0.15:
                self.say_bytes(b"\r\n" + self.dice.choice(OWN).encode() + b"\r\n")
            self.say_bytes(self.blank() + text.encode() + b"\r\n")

    def blank(self):
        return self.dice.choice((b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n"))

    def gap(self):
        return " " * self.dice.randrange(3)

    # --- commands ---

    def take(self, received):
        while received:
            if self.wanted:
                link, size = self.wanted
                received = self.take_payload(link, size, received)
                continue
            byte, received = received[:1], received[1:]
            self.typed += byte
            if byte == b"\r":
                command, self.typed = self.typed, b""
                self.obey(command)

    def obey(self, typed):
        if self.echoing:
            self.say_bytes(typed)
        text = typed.decode("latin-1").strip()
        at = text.find("AT")  # what is in front is an attempt to leave another mode
        if at < 0:
            return
        command = text[at:]
        self.count += 1
        self.echoing = self.echo or (self.echoing and command != "ATE0")
        if self.count == 12:
            self.say_bytes(LATER)
        for pattern, answer in self.ANSWERS:
            if found := re.fullmatch(pattern, command):
                answer(self, *found.groups())
                return
        self.unknown.append(command)
        self.say("ERROR")

    def ok(self, *_):
        self.say("OK")

    def info(self, text):
        self.say(text, "OK")

    def sim(self):
        self.info(f"+CPIN:{self.gap()}READY{self.gap()}")

    def registration(self, name):
        self.info(f"+{name}:{self.gap()}2,{self.gap()}5,\"1A2B\",{self.gap()}\"01C3D4E5\",7")

    def signal(self):
        self.info(f"+CSQ:{self.gap()}23,99")

    def clock(self):
        self.info(f"+QLTS:{self.gap()}\"{time.strftime('%Y/%m/%d,%H:%M:%S', time.gmtime())}+00,0\"")

    # --- sockets ---

    def open(self, number, host, port, mode):
        number, port = int(number), int(port)
        address = self.names.get((host, port)) or self.names.get((host, None), host)
        address = address if isinstance(address, tuple) else (address, port)
        try:
            self.links[number] = Link(address, mode == "1")
            result = f"+QIOPEN:{self.gap()}{number},{self.gap()}0"
        except OSError:
            result = f"+QIOPEN:{self.gap()}{number},566"
        self.say(*(("OK", result) if self.dice.random() < 0.7 else (result, "OK")))

    def send(self, number, size):
        if int(number) not in self.links:
            self.say("ERROR")
            return
        self.wanted = [int(number), int(size)]
        self.payload = b""
        self.say_bytes(self.dice.choice((b"\r\n> ", b">", b"\r\n>", b"\r\n\r\n>  ")))

    def take_payload(self, number, size, received):
        self.payload += received[:size]
        self.wanted[1] -= len(received[:size])
        if self.wanted[1] == 0:
            self.wanted = None
            try:
                link = self.links[number]
                link.peer.setblocking(True)
                link.peer.sendall(self.payload)
                link.peer.setblocking(False)
            except (KeyError, OSError):
                self.say("SEND FAIL")
            else:
                self.say("SEND OK")
        return received[size:]

    def read(self, number, size):
        number, size = int(number), int(size)
        link = self.links.get(number)
        if not link:
            self.say("ERROR")
        elif size == 0:
            self.info(f"+QIRD:{self.gap()}{link.total},{self.gap()}{link.read},{link.total - link.read}")
        else:
            content, link.waiting = link.waiting[:size], link.waiting[size:]
            link.read += len(content)
            link.announced = link.announced and bool(link.waiting)
            self.say_bytes(self.blank() + f"+QIRD:{self.gap()}{len(content)}\r\n".encode() + content)
            self.say_bytes((b"\r\n" if content else b"") + self.blank() + b"OK\r\n")

    def fill(self, number):
        link = self.links[number]
        try:
            received = link.peer.recv(4 * MOST)
        except OSError:
            received = b""
        link.total += len(received)
        self.given += len(received)
        link.ended = not received
        if link.push and received:
            self.push(number, received)
            return
        link.waiting += received
        if link.ended:
            self.say(f"+QIURC:{self.gap()}\"closed\",{self.gap()}{number}")
        elif not link.announced:
            link.announced = True
            self.say(f"+QIURC:{self.gap()}\"recv\",{self.gap()}{number}")

    def push(self, number, content):
        for first in range(0, len(content), MOST):
            piece = content[first:first + MOST]
            head = f"+QIURC:{self.gap()}\"recv\",{self.gap()}{number},{self.gap()}{len(piece)}\r\n"
            self.say_bytes(b"\r\n" + head.encode() + piece + b"\r\n")

    def state(self, number):
        if link := self.links.get(int(number)):
            host, port = link.address
            self.say(f"+QISTATE:{self.gap()}{number},\"TCP\",{self.gap()}\"{host}\",{port},4097,2,1,{number},0,\"uart1\"")
        self.say("OK")

    def close(self, number):
        if link := self.links.pop(int(number), None):
            link.peer.close()

    def close_and_say(self, number):
        self.close(number)
        self.say("OK")

    def deactivate(self):
        for number in list(self.links):
            self.close(number)
        self.say("OK")

    ANSWERS = [(pattern, answer) for pattern, answer in (
        (r"AT|ATE0|AT\+(?:CMEE=1|IPR=\d+|QURCCFG=.*|QISDE=0|CFUN=\d|CTZU=1|QICSGP=.*|QIACT=1)", ok),
        (r"AT\+IFC=\d,\d", ok),
        (r"AT\+CPIN\?", sim),
        (r"AT\+(CEREG|CGREG|CREG)\?", registration),
        (r"AT\+CSQ", signal),
        (r"AT\+QLTS=1", clock),
        (r'AT\+QIOPEN=1,(\d+),"TCP","([^"]+)",(\d+),0,([01])', open),
        (r"AT\+QISEND=(\d+),(\d+)", send),
        (r"AT\+QIRD=(\d+),(\d+)", read),
        (r"AT\+QISTATE=1,(\d+)", state),
        (r"AT\+QICLOSE=(\d+),\d+", close_and_say),
        (r"AT\+QIDEACT=1", deactivate))]
