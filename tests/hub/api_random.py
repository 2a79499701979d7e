#!/usr/bin/env python3
"""Requests that are drawn from the hub's OpenAPI document, some of them bent: each answer must be one that it declares.

usage: api_random.py PROGRAMS [REQUESTS]     PROGRAMS: folder of ferry. FERRY_SEED: the first draw; printed.

The document is the one that the hub serves. An answer must have a declared status and media type, and a body that fits its
schema as python3-jsonschema reads it; none may be 5xx, or stay away. Skipped (77) without python3-jsonschema.
"""
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

try:
    import jsonschema
except ImportError as missing:
    print(f"api: {missing}: skipped")
    sys.exit(77)

DEVICES = ["01234567-89ab-4cde-8f01-23456789abcd", "11234567-89ab-4cde-8f01-23456789abcd"]
METHODS = ("get", "put", "post", "patch", "delete")
STREAM = "/api/v1/stream"  # its answer has no end
HOSTILE = ["", "0", "-1", "99999999999999999999", "1e308", "NaN", "null", "\0", "é中", "../..", "a" * 5000, "' OR 1=1 --",
           "2026-01-01", '["a"]', "{}", "power", "1.0.0", "minute"] + DEVICES
HOSTILE_JSON = [None, 1, -1, True, "x", "x" * 300, "x" * 70000, [], {}, 1e300, "\0", "é"]


class Hub:
    """The process, with two devices that it knows and an API token that may do all."""

    def __init__(self, ferry, folder):
        registry = folder / "devices.jsonl"
        registry.write_text("".join(json.dumps({"device": device, "serial": device[:1], "product": "acme.example/m1",
                                                "user": f"user-{device[:1]}", "password": "secret"}) + "\n"
                                    for device in DEVICES))
        registry.chmod(0o600)
        token = folder / "token"
        self.process = subprocess.Popen([ferry, "hub", "--json", "--devices", registry, "--dir", folder / "hub",
                                         "--token-file", token], stdout=subprocess.PIPE, text=True)
        address = json.loads(self.process.stdout.readline())["http"]
        self.origin = address if "://" in address else f"http://{address}"
        self.token = token.read_text().strip()

    def ask(self, method, target, body=None, media=None):
        """Status, media type, body."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if media:
            headers["Content-Type"] = media
        request = urllib.request.Request(self.origin + target, method=method.upper(), data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers.get_content_type(), answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.headers.get_content_type(), refusal.read()

    def end(self):
        self.process.terminate()
        assert self.process.wait(timeout=30) == 0, "the hub did not end as it should"


class Draw:
    """What to ask, from the document."""

    def __init__(self, document, seed):
        self.document = document
        self.random = random.Random(seed)

    def meaning(self, schema):
        while isinstance(schema, dict) and "$ref" in schema:
            reference, schema = schema["$ref"], self.document
            for part in reference.lstrip("#/").split("/"):
                schema = schema[part]
        return schema or {}

    def parameter(self, schema):
        schema = self.meaning(schema)
        good = list(schema.get("enum", []))
        good += {"integer": [schema.get("minimum", 0), schema.get("maximum", 2**40), int(time.time())],
                 "boolean": ["true", "false"]}.get(schema.get("type"), [])
        return str(self.random.choice(good if good and self.random.random() < 0.6 else HOSTILE))

    def body(self, schema):
        schema = self.meaning(schema)
        if self.random.random() < 0.15:
            return self.random.choice(HOSTILE_JSON)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        kind = schema.get("type")
        kind = self.random.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            members = schema.get("properties", {}).items()
            return {name: self.body(of) for name, of in members if self.random.random() < 0.85}
        if kind == "array":
            return [self.body(schema.get("items")) for _ in range(self.random.randint(0, 3))]
        return self.random.choice({"integer": [0, 1, -1, 2**63, 2**64], "boolean": [True, False], "null": [None],
                                   "number": [0.5]}.get(kind, ["grace", "viewer", "a long password", DEVICES[0]]))

    def request(self):
        """Path of the document, method, target, body, media type."""
        path = self.random.choice([path for path in self.document["paths"] if path != STREAM])
        of_path = self.document["paths"][path]
        method = self.random.choice([method for method in METHODS if method in of_path])
        target, query = path, []
        for parameter in map(self.meaning, of_path.get("parameters", []) + of_path[method].get("parameters", [])):
            if parameter["in"] == "path":
                value = self.random.choice(DEVICES + ["grace", "1", "1.0.0"] + HOSTILE) or "x"
                target = target.replace("{" + parameter["name"] + "}", urllib.parse.quote(value, safe=""))
            elif parameter["in"] == "query" and self.random.random() < 0.5:
                query.append((parameter["name"], self.parameter(parameter.get("schema"))))
        if self.random.random() < 0.05:
            query.append(("unknown", "1"))
        target += "?" + urllib.parse.urlencode(query) if query else ""
        return path, method, target, *self.content(of_path[method])

    def content(self, operation):
        content = self.meaning(operation.get("requestBody")).get("content")
        if not content:
            return None, None
        media, of = next(iter(content.items()))
        body = json.dumps(self.body(of["schema"])).encode()
        if self.random.random() < 0.1:
            body = body[:len(body) // 2]
        return body, "text/plain" if self.random.random() < 0.05 else media


def complaint(document, responses, status, media, body):
    """Why the document does not allow this answer; None: it does."""
    declared = responses.get(str(status), responses.get("default"))
    if status >= 500 or declared is None:
        return f"status {status} is not declared: {body[:200]}"
    content = Draw(document, 0).meaning(declared).get("content", {})
    if not body:
        return None
    if media not in content:
        return f"{status} with {media}, declared are {list(content)}"
    if "json" in media and "schema" in content[media]:
        schema = {**content[media]["schema"], "components": document.get("components", {})}
        for error in jsonschema.Draft202012Validator(schema).iter_errors(json.loads(body)):
            return f"{status}: {error.message[:200]} at {list(error.path)}"
    return None


def run(hub, requests, seed):
    document = json.loads(hub.ask("get", "/api/v1/openapi.json")[2])
    draw, statuses, complaints = Draw(document, seed), collections.Counter(), []
    for _ in range(requests):
        path, method, target, body, media = draw.request()
        try:
            answer = hub.ask(method, target, body, media)
        except OSError as error:
            complaints.append(f"{method} {target[:200]}: no answer: {error}")
            continue
        statuses[answer[0]] += 1
        wrong = complaint(document, document["paths"][path][method]["responses"], *answer)
        if wrong:
            complaints.append(f"{method} {target[:200]} {body and body[:200]}: {wrong}")
    print(", ".join(f"{count} answers {status}" for status, count in sorted(statuses.items())))
    assert statuses[200] > requests // 10 and statuses[400] > requests // 10, "the draw asks nothing sensible"
    return complaints


def main():
    requests = int(sys.argv[2]) if len(sys.argv) > 2 else 600
    seed = int(os.environ.get("FERRY_SEED") or random.randrange(2**31))
    print(f"api: FERRY_SEED={seed}")
    with tempfile.TemporaryDirectory(prefix="ferry-api-") as folder:
        hub = Hub(pathlib.Path(sys.argv[1]) / "ferry", pathlib.Path(folder))
        try:
            complaints = run(hub, requests, seed)
        finally:
            hub.end()
    print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
