#!/usr/bin/env bash
# The demo where it cannot go on: exit code 1, one line on stderr, no process and no temporary file left behind.
# failure.sh BIN_FOLDER. As root, with namespaces to break things in (else what needs them is skipped).
set -euo pipefail
bin=$(cd "$1" && pwd)
export TMPDIR
scratch=$(mktemp -d)
trap 'umount "$scratch/small" 2>/dev/null || true; rm -rf "$scratch"' EXIT
TMPDIR=$scratch/tmp
mkdir "$TMPDIR" "$scratch/small"

fail() {
  echo "FAILED: $1"
  cat "$scratch/stderr"
  exit 1
}
# Whoever works in, or on, the temporary folder.
left_behind() {
  local pid
  for pid in /proc/[0-9]*; do
    { [[ $(readlink "$pid/cwd" 2>/dev/null) == "$TMPDIR"* ]] || grep -qaF "$TMPDIR/" "$pid/cmdline" 2>/dev/null; } &&
      echo "${pid#/proc/}"
  done
  return 0
}
judge() { # NAME CODE WANTED_TEXT
  [ "$2" = 1 ] || fail "$1: exit code $2"
  [ "$(wc -l <"$scratch/stderr")" = 1 ] || fail "$1: not one line"
  grep -q "^ferry: .*$3" "$scratch/stderr" || fail "$1: does not say '$3'"
  [ -z "$(ls -A "$TMPDIR")" ] || fail "$1: left in the temporary folder: $(ls -A "$TMPDIR")"
  [ -z "$(left_behind)" ] || fail "$1: left running: $(left_behind)"
  echo "ok: $1: $(cat "$scratch/stderr")"
}
expect() { # NAME WANTED_TEXT COMMAND...
  local name=$1 wanted=$2 code=0
  shift 2
  "$@" >"$scratch/stdout" 2>"$scratch/stderr" || code=$?
  judge "$name" "$code" "$wanted"
}

expect "no image" "no such file" "$bin/ferry" demo --image "$scratch/none" "$bin/ferry"
expect "image too short for the drops" "too short" "$bin/ferry" demo --drops 3 --image /etc/passwd /etc/group
expect "no temporary folder" "TMPDIR" env TMPDIR="$scratch/none" "$bin/ferry" demo
expect "no FTP server" "script/fetch-ftp-servers" env FERRY_FTP_SERVERS="$scratch" "$bin/ferry" demo --ftp-server proftpd
mkdir "$scratch/firmware"
expect "no firmware" "script/firmware" "$bin/ferry" demo --mcu --firmware "$scratch/firmware"
for file in bootloader.elf bootloader.bin meter-a.bin meter-b.bin meter-next-a.bin meter-next-b.bin; do echo "$file" >"$scratch/firmware/$file"; done
expect "no emulator" "qemu-system-arm" env PATH="$scratch" "$bin/ferry" demo --mcu --firmware "$scratch/firmware"

# From keys and servers to devices that install, that work, and that wait for their moment.
interrupt() { # CHAPTER SIGNAL OPTION...
  local code=0
  python3 - "$1" "$2" "$bin/ferry" demo --json "${@:3}" >"$scratch/stdout" 2>"$scratch/stderr" <<'PY' || code=$?
import json, signal, subprocess, sys
child = subprocess.Popen(sys.argv[3:], stdout=subprocess.PIPE)
for line in child.stdout:
    event = json.loads(line)
    if event["event"] == "chapter" and event["number"] == int(sys.argv[1]):
        child.send_signal(getattr(signal, "SIG" + sys.argv[2]))
sys.exit(child.wait())
PY
  judge "SIG$2 in chapter $1${3:+ with $3}" "$code" "interrupted"
}
for chapter in 1 2 3 4 5 6 7; do
  for signal in INT TERM HUP; do interrupt "$chapter" "$signal"; done
done
if [ -f "$bin/../../cortex-m4/bin/bootloader.elf" ] && command -v qemu-system-arm >/dev/null; then
  for chapter in 4 5 7; do interrupt "$chapter" TERM --mcu; done
else
  echo "skipped: no firmware (script/firmware) or no qemu-system-arm, so no emulated devices"
fi

code=0
{ "$bin/ferry" demo 2>"$scratch/stderr" || echo $? >"$scratch/code"; } | head -3 >/dev/null
judge "a reader that goes" "$(cat "$scratch/code")" "cannot write to stdout"

if ! unshare -mn true 2>/dev/null; then
  echo "skipped: no namespaces here, so neither full disks nor busy ports"
  exit 0
fi
expect "no mosquitto" "mosquitto, the MQTT broker, is not installed" \
  unshare -m sh -c 'mount --bind /dev/null "$(PATH=$PATH:/usr/sbin command -v mosquitto)" && exec "$0" demo' "$bin/ferry"
expect "no network" "does not start" unshare -n "$bin/ferry" demo
expect "no free port" "127.0.0.1" unshare -n sh -c '
  ip link set lo up && echo "40000 40003" >/proc/sys/net/ipv4/ip_local_port_range
  exec python3 -c "
import os, socket, sys
held = [socket.create_server((\"127.0.0.1\", port)) for port in range(40000, 40004)]
for each in held: each.set_inheritable(True)
os.execv(sys.argv[1], sys.argv[1:])" "$0" demo' "$bin/ferry"

# A disk that is full at one stage after the other: keys, releases, what the FTP server takes, devices' flash, the hub.
TMPDIR=$scratch/small
for size in 4k 16k 64k 160k 320k 640k 1m 1536k 2m 2560k 2800k 3m 3200k; do
  mount -t tmpfs -o "size=$size" ferry-small "$TMPDIR"
  code=0
  timeout 120 "$bin/ferry" demo >"$scratch/stdout" 2>"$scratch/stderr" || code=$?
  judge "a disk of $size" "$code" "No space left on device\|[Tt]he disk is full\|database or disk is full"
  umount "$TMPDIR"
done
