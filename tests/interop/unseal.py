#!/usr/bin/env python3
"""What a device seals, opened by libraries that are not ours, from RFC 9052 and 9053 alone.

usage: unseal.py PROGRAMS SPEC       PROGRAMS: folder of ferry and ferry-agent; SPEC: spec/sealed.md
       unseal.py --vectors           prints the golden bytes of device/seal/vectors_test_util.h

A device made by `ferry provision --seal` installs a release, restarts into it and reports, to a broker of this script that
only listens. Every message of it must open under the key of the registry, with the numbers that spec/sealed.md promises, and
hold SenML or an event. So must the example in SPEC. Skipped (77) without python3-cbor2 or python3-cryptography.
"""
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

try:
    import cbor2
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM
except ImportError as missing:
    print(f"interop: {missing}: skipped")
    sys.exit(77)

ENCRYPT0, ALGORITHM, PARTIAL_IV, AES_CCM_16_64_128 = 16, 1, 6, 10
NONCE, TAG, LEAP = 13, 8, 256
CONFIRMED = 11


def cover(protected, device, leaf):
    """Enc_structure (RFC 9052, 5.3)."""
    return cbor2.dumps(["Encrypt0", protected, device + leaf.encode()])


def nonce_of(device, partial):
    """RFC 9052, 3.1, with the context IV of spec/sealed.md."""
    return bytes(a ^ b for a, b in zip(device[:NONCE], partial.rjust(NONCE, b"\0")))


def seal(key, device, leaf, series, number, message):
    protected = cbor2.dumps({ALGORITHM: AES_CCM_16_64_128})
    partial = series.to_bytes(4, "big") + number.to_bytes(4, "big")
    sealed = AESCCM(key, tag_length=TAG).encrypt(nonce_of(device, partial), message, cover(protected, device, leaf))
    return cbor2.dumps(cbor2.CBORTag(ENCRYPT0, [protected, {PARTIAL_IV: partial}, sealed]))


def unseal(sealed, key, device, leaf):
    """Message, series and number."""
    outer = cbor2.loads(sealed)
    assert outer.tag == ENCRYPT0
    protected, unprotected, ciphertext = outer.value
    assert cbor2.loads(protected) == {ALGORITHM: AES_CCM_16_64_128}
    assert list(unprotected) == [PARTIAL_IV]
    partial = unprotected[PARTIAL_IV]
    message = AESCCM(key, tag_length=TAG).decrypt(nonce_of(device, partial), ciphertext, cover(protected, device, leaf))
    return message, int.from_bytes(partial[:4], "big"), int.from_bytes(partial[4:], "big")


def print_vectors():
    key, device = bytes(range(0x80, 0x90)), bytes(range(0x30, 0x40))
    pack, event = bytes.fromhex("81a42162643a00617001615702fb3ff8000000000000"), bytes.fromhex("a20001011a6b49d200")
    for leaf, number, message in (("data", 0, pack), ("event", 1, event), ("data", 0x200, b"")):
        print(leaf, f"{number:#x}", seal(key, device, leaf, 0x01020304, number, message).hex())


def check_example(spec):
    """The lines `name: hexadecimal` of the specification's example."""
    value = dict(re.findall(r"^    (\w+): ([0-9a-f]+)$", spec.read_text(), re.M))
    key, device, sealed, message = (bytes.fromhex(value[name]) for name in ("key", "device", "sealed", "message"))
    assert unseal(sealed, key, device, "data")[0] == message
    protected = cbor2.loads(sealed).value[0]
    assert cover(protected, device, "data").hex() == value["covered"]
    assert nonce_of(device, cbor2.loads(sealed).value[1][PARTIAL_IV]).hex() == value["nonce"]
    for changed in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:12] + bytes([sealed[12] ^ 1]) + sealed[13:]):
        try:
            unseal(changed, key, device, "data")
            sys.exit("interop: what was changed opens")
        except InvalidTag:
            pass


class Broker:
    """Takes MQTT 3.1.1 connections one behind the other, acknowledges, and keeps what is published."""

    def __init__(self):
        self.messages = []  # topic, payload
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection, connection.makefile("rb") as stream:
                try:
                    while head := stream.read(1):
                        self.answer(connection, head[0], stream.read(self.length(stream)))
                except OSError:
                    pass  # a device that restarts does not say goodbye

    @staticmethod
    def length(stream):
        size, shift = 0, 0
        while True:
            byte = stream.read(1)[0]
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return size

    def answer(self, connection, head, body):
        if head >> 4 == 1:
            connection.sendall(b"\x20\x02\x00\x00")
        elif head >> 4 == 12:
            connection.sendall(b"\xd0\x00")
        elif head >> 4 == 3:
            end = 2 + int.from_bytes(body[:2], "big")
            at_least_once = head >> 1 & 3
            if at_least_once:
                connection.sendall(b"\x40\x02" + body[end:end + 2])
                self.messages.append((body[2:end].decode(), body[end + 2:]))


def run(programs, folder, broker):
    def ferry(*arguments):
        subprocess.run([programs / "ferry", *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    (folder / "app.bin").write_bytes(os.urandom(20_000))
    ferry("keys", "new", "keys")
    ferry("product", "new", "m.toml", "--vendor", "acme.example", "--model", "m1", "--hardware", "r2")
    ferry("release", "--product", "m.toml", "--version", "1.0.0", "--image", "app.bin", "--key", "keys/release.key",
          "--repo", "repo")
    with socket.create_server(("127.0.0.1", 0)) as free:
        ftp = free.getsockname()[1]
    ferry("provision", "--product", "m.toml", "--serial", "0001", "--trust", "keys/release.pub", "--ftp",
          f"ftp://127.0.0.1:{ftp}/", "--business", f"mqtt://127.0.0.1:{broker.port}", "--report", "1", "--seal",
          "--devices", "devices.jsonl", "--out", "1.factory")
    server = subprocess.Popen([programs / "ferry", "serve", "repo", "--listen", f"127.0.0.1:{ftp}"], cwd=folder,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    agent = subprocess.Popen([programs / "ferry-agent", "--factory", "1.factory", "--state", "state", "--now"], cwd=folder,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        due = time.monotonic() + 90
        while sum(topic.endswith("/data") for topic, _ in broker.messages) < 3:
            assert time.monotonic() < due, f"the device reported {len(broker.messages)} messages only"
            time.sleep(0.05)
    finally:
        for process in (agent, server):
            process.terminate()
            process.wait()
    return json.loads((folder / "devices.jsonl").read_text())


def check(messages, account):
    key, device = bytes.fromhex(account["seal"]), bytes.fromhex(account["device"].replace("-", ""))
    last, series, kinds, packs = None, None, [], 0
    for topic, sealed in messages:
        root, name, leaf = topic.split("/")
        assert (root, name) == ("ferry", account["device"])
        message, of, number = unseal(sealed, key, device, leaf)
        assert series in (None, of), "another series"
        assert last is None or number == last + 1 or (number > last and number % LEAP == 0), f"{number} behind {last}"
        series, last = of, number
        if leaf == "event":
            kinds.append(cbor2.loads(message)[0])
            continue
        records = cbor2.loads(message)
        assert records[0][-2] == "urn:dev:ops:0001:" and {r[0] for r in records} >= {"voltage", "energy"}
        packs += 1
    assert CONFIRMED in kinds, f"events {kinds}"
    print(f"interop: {len(kinds)} events and {packs} packs open, by numbers up to {last}")


def main():
    if sys.argv[1:] == ["--vectors"]:
        return print_vectors()
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    check_example(pathlib.Path(sys.argv[2]))
    broker = Broker()
    with tempfile.TemporaryDirectory(prefix="ferry-interop-") as name:
        account = run(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(name), broker)
    check(list(broker.messages), account)


main()
