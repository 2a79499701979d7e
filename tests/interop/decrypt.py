#!/usr/bin/env python3
"""A release of ours, read a second time: from the drafts alone, with libraries that are not ours.

usage: decrypt.py PROGRAMS

Makes a release with `ferry`, then checks digest and signature of its envelope and the digests of its severed members
(draft-ietf-suit-manifest, RFC 9052), opens its COSE_Encrypt (draft-ietf-suit-firmware-encryption: ECDH-ES+A128KW, RFC 9053 6.4.1; A128CTR, RFC 9459) with the
product's key and decrypts the payload, which must be the image; and likewise a delta, which is sealed (spec/payload.md). Skipped (77) without python3-cbor2 or
python3-cryptography.
"""
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
from collections import defaultdict

try:
    import cbor2
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
    from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
except ImportError as missing:
    print(f"interop: {missing}: skipped")
    sys.exit(77)

MAGIC, SEALED, DELTA = b"\x89F\r\n", 0x14, 0x13
ESP256, SHA256, ECDH_ES_A128KW, A128KW, A128CTR = -9, -16, -29, -3, -65534


def release(ferry, folder):
    image = os.urandom(50_000)
    (folder / "app.bin").write_bytes(image)
    (folder / "old.bin").write_bytes(image[:20_000] + image[20_500:])
    for arguments in (["keys", "new", "keys"],
                      ["product", "new", "m.toml", "--vendor", "acme.example", "--model", "m1", "--hardware", "r2"],
                      ["release", "--product", "m.toml", "--version", "1.0.0", "--image", "app.bin", "--from", "old.bin",
                       "--key", "keys/release.key", "--repo", "repo"]):
        subprocess.run([ferry, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return image, folder / "repo/acme.example/m1/r2"


def authenticate(envelope, public_key):
    """The decoded manifest."""
    assert envelope.tag == 107
    digest_bytes, signature = cbor2.loads(envelope.value[2])
    algorithm, digest = cbor2.loads(digest_bytes)
    assert algorithm == SHA256
    # The digest covers the byte string with its head.
    assert hashlib.sha256(cbor2.dumps(envelope.value[3])).digest() == digest
    message = cbor2.loads(signature)
    assert message.tag == 18
    protected, _, payload, value = message.value
    assert payload is None and cbor2.loads(protected)[1] == ESP256
    signed = cbor2.dumps(["Signature1", protected, b"", digest_bytes])
    numbers = utils.encode_dss_signature(int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big"))
    public_key.verify(numbers, signed, ec.ECDSA(hashes.SHA256()))
    return cbor2.loads(envelope.value[3])


def parameters(sequence):
    """All that override-parameters sets, over all nested sequences: label -> every value."""
    found = defaultdict(list)
    commands = cbor2.loads(sequence)
    for command, argument in zip(commands[::2], commands[1::2]):
        if command == 20:
            for label, value in argument.items():
                found[label].append(value)
        elif command in (15, 32):  # try-each, run-sequence
            for nested in filter(None, argument if command == 15 else [argument]):
                for label, values in parameters(nested).items():
                    found[label] += values
    return found


def member(manifest, label, product):
    """A sequence of the manifest: severed, so in a file that its digest names; the digest covers the head too."""
    algorithm, digest = manifest[label]
    assert algorithm == SHA256
    encoded = (product / "members" / f"{digest[:8].hex()}.cbor").read_bytes()
    assert hashlib.sha256(encoded).digest() == digest
    return cbor2.loads(encoded)


def content_key(encryption_info, private_key):
    message = cbor2.loads(encryption_info)
    assert message.tag == 96
    protected, unprotected, payload, recipients = message.value
    assert protected == b"" and payload is None and unprotected[1] == A128CTR
    recipient_protected, recipient_unprotected, wrapped = recipients[0]
    assert cbor2.loads(recipient_protected) == {1: ECDH_ES_A128KW}
    ephemeral = recipient_unprotected[-1]
    assert ephemeral[1] == 2 and ephemeral[-1] == 1
    peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + ephemeral[-2] + ephemeral[-3])
    context = cbor2.dumps([A128KW, [None] * 3, [None] * 3, [128, recipient_protected, b"SUIT Payload Encryption"]])
    key = HKDF(hashes.SHA256(), 16, salt=None, info=context).derive(private_key.exchange(ec.ECDH(), peer))
    return aes_key_unwrap(key, wrapped), unprotected[5]


def decrypt(encryption_info, private_key, ciphertext):
    key, iv = content_key(encryption_info, private_key)
    return Cipher(algorithms.AES(key), modes.CTR(iv)).decryptor().update(ciphertext)


def unseal(payload, private_key):
    """What a sealed payload holds."""
    assert payload[:len(MAGIC)] == MAGIC and payload[4] == SEALED
    length = payload[5]
    return decrypt(payload[6:6 + length], private_key, payload[6 + length:])


def load(file, kind):
    data = file.read_bytes()
    if kind == "public":
        return serialization.load_pem_public_key(data)
    return serialization.load_pem_private_key(data, None)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    ferry = str(pathlib.Path(sys.argv[1]).resolve() / "ferry")
    with tempfile.TemporaryDirectory(prefix="ferry-interop-") as name:
        folder = pathlib.Path(name)
        image, product = release(ferry, folder)
        envelope = cbor2.loads((product / "manifest.suit").read_bytes())
        manifest = authenticate(envelope, load(folder / "keys/release.pub", "public"))
        assert manifest[1] == 1
        shared = parameters(cbor2.loads(manifest[3])[4])
        fetch, install = (parameters(member(manifest, label, product)) for label in (16, 20))
        delta, payload = ((product / uri).read_bytes() for uri in fetch[21])
        class_key = load(folder / "m.key", "private")
        assert len(install[19]) == 1, "more than the whole image's encryption info is in the manifest"
        assert decrypt(install[19][0], class_key, payload) == image, "the payload does not decrypt to the image"
        patch = unseal(delta, class_key)
        assert patch[:len(MAGIC)] == MAGIC and patch[4] == DELTA, "the delta does not decrypt to one"
        assert int.from_bytes(patch[5:9], "little") == len(image)
        digests = [cbor2.loads(value)[1] for value in shared[3] + fetch[3] + install[3]]
        for file in (payload, delta):
            assert hashlib.sha256(file).digest() in digests, "no digest is the payload's"
        assert hashlib.sha256(image).digest() in digests, "no digest is the image's"
        print(f"interop: authentic, and {len(payload)} bytes decrypt to the image, and {len(delta)} to a delta")


main()
