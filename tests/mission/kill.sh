#!/usr/bin/env bash
# A device killed with SIGKILL at random moments of its upgrades, over and over, then left alone: it must end on the
# newest release. As soon as it runs one, the next one is published.
# kill.sh BIN_FOLDER [KILLS] [SEED]; the environment's FERRY_KILLS and FERRY_SEED come first.
set -euo pipefail
bin=$(cd "$1" && pwd)
kills=${FERRY_KILLS:-${2:-25}}
seed=${FERRY_SEED:-${3:-7}}
RANDOM=$seed
round=0
folder=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
fail() {
  echo "FAILED in round $round of $kills, seed $seed: $1"
  echo "again: FERRY_KILLS=$kills FERRY_SEED=$seed $0 $bin"
  tail -5 "$folder/agent.log"
  exit 1
}
trap 'fail "line $LINENO"' ERR
cd "$folder"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
release() { # VERSION
  head -c 400000 /dev/urandom >image.bin
  "$bin/ferry" release --product p.toml --version "$1" --image image.bin --key keys/release.key --repo repo >/dev/null
}
ftp=$(free_port)
mqtt=$(free_port)
: >agent.log
"$bin/ferry" keys new keys >/dev/null
"$bin/ferry" product new p.toml --vendor acme.example --model m1 --hardware r2 --slot-size 524288 --staging-size 524288 >/dev/null
"$bin/ferry" provision --product p.toml --serial 1 --trust keys/release.pub --ftp "ftp://anonymous:ferry@127.0.0.1:$ftp/" \
  --business "mqtt://127.0.0.1:$mqtt" --devices devices.jsonl --out 1.factory >/dev/null
release 1.0.0
"$bin/ferry" serve repo --listen "127.0.0.1:$ftp" >serve.log 2>&1 &
pids+=($!)
"$bin/ferry" hub --devices devices.jsonl --mqtt-listen "127.0.0.1:$mqtt" --dir hub >hub.log 2>&1 &
pids+=($!)
for port in "$ftp" "$mqtt"; do
  for _ in $(seq 300); do answers "$port" && break; sleep 0.1; done
done

agent=("$bin/ferry-agent" --factory 1.factory --state state --json)
timeout 60 "${agent[@]}" --once >>agent.log || fail "release 1.0.0 was not installed"
grep -q '"confirmed"' agent.log || fail "release 1.0.0 was not confirmed"
newest=2
release $newest.0.0

for round in $(seq "$kills"); do
  "${agent[@]}" --now >>agent.log 2>&1 &
  pid=$!
  sleep "$(printf '%d.%03d' $((RANDOM % 2)) $((RANDOM % 1000)))"
  kill -KILL "$pid" 2>/dev/null || true
  code=0
  wait "$pid" 2>/dev/null || code=$?
  [ "$code" = 137 ] || fail "the agent ended by itself, with $code"
  if grep '"event":"confirmed"' agent.log | grep -q "\"version\":\"$newest.0.0\""; then
    newest=$((newest + 1))
    release $newest.0.0
  fi
done
: >agent.log
timeout 120 "${agent[@]}" --once >>agent.log || fail "left alone, it does not upgrade"
version=$(python3 -c '
import json
lines = [json.loads(line) for line in open("agent.log")]
print([line["version"] for line in lines if line.get("event") in ("confirmed", "started", "nothing_newer")][-1])')
[ "$version" = $newest.0.0 ] || fail "it ended on $version, not on $newest.0.0"
echo "ok: $version after $kills kills (seed $seed)"
