#!/usr/bin/env bash
# A device killed with SIGKILL at random moments, over and over, then left alone: it must end at version 2.
# kill.sh BIN_FOLDER [KILLS] [SEED]
set -euo pipefail
bin=$(cd "$1" && pwd)
kills=${2:-25}
RANDOM=${3:-7}
folder=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
cd "$folder"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
ftp=$(free_port)
mqtt=$(free_port)
"$bin/ferry" keys new keys >/dev/null
"$bin/ferry" product new p.toml --vendor acme.example --model m1 --hardware r2 --slot-size 524288 --staging-size 524288 >/dev/null
"$bin/ferry" provision --product p.toml --serial 1 --trust keys/release.pub --ftp "ftp://anonymous:ferry@127.0.0.1:$ftp/" \
  --business "mqtt://127.0.0.1:$mqtt" --devices devices.jsonl --out 1.factory >/dev/null
head -c 400000 /dev/urandom >one.bin
head -c 400000 /dev/urandom >two.bin
"$bin/ferry" release --product p.toml --version 1.0.0 --image one.bin --key keys/release.key --repo repo >/dev/null
"$bin/ferry" serve repo --listen "127.0.0.1:$ftp" >serve.log 2>&1 &
pids+=($!)
"$bin/ferry" hub --devices devices.jsonl --mqtt-listen "127.0.0.1:$mqtt" --dir hub >hub.log 2>&1 &
pids+=($!)
for port in "$ftp" "$mqtt"; do
  for _ in $(seq 300); do answers "$port" && break; sleep 0.1; done
done

timeout 60 "$bin/ferry-agent" --factory 1.factory --state state --json --once >>agent.log
grep -q '"confirmed"' agent.log || { echo "release 1 was not installed"; tail -5 agent.log; exit 1; }
"$bin/ferry" release --product p.toml --version 2.0.0 --image two.bin --key keys/release.key --repo repo >/dev/null

for kill in $(seq "$kills"); do
  "$bin/ferry-agent" --factory 1.factory --state state --json --now >>agent.log 2>&1 &
  pid=$!
  sleep "0.$(printf '%03d' $((RANDOM % 400)))"
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
done
: >agent.log
timeout 120 "$bin/ferry-agent" --factory 1.factory --state state --json --once >>agent.log || { tail -5 agent.log; exit 1; }
version=$(python3 -c '
import json
lines = [json.loads(line) for line in open("agent.log")]
print([line["version"] for line in lines if line.get("event") in ("confirmed", "started", "nothing_newer")][-1])')
[ "$version" = 2.0.0 ] || { echo "the device ended on $version after $kills kills"; tail -5 agent.log; exit 1; }
echo "ok: 2.0.0 after $kills kills (seed ${3:-7})"
