#!/usr/bin/env bash
# A component that a program installs, as on embedded Linux (docs/handlers.md): the program gets the right file; a
# program that fails refuses the upgrade, and the old file is installed again. handler.sh BIN_FOLDER
# With a stand-in for `rauc` always; with the real swupdate and rauc where they are in PATH (rauc: as root).
set -euo pipefail
bin=$(cd "$1" && pwd)
guide=$(cd "$(dirname "$0")/../.." && pwd)/docs/handlers.md
folder=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
fail() {
  echo "FAILED: $title: $1"
  tail -n 5 program.log agent.log || true
  exit 1
}
trap 'fail "line $LINENO"' ERR

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
set_up() { # TITLE PROGRAM
  title=$1
  mkdir "$folder/$title"
  cd "$folder/$title"
  local ftp mqtt
  ftp=$(free_port)
  mqtt=$(free_port)
  {
    "$bin/ferry" keys new keys
    "$bin/ferry" product new p.toml --vendor acme.example --model m1 --hardware r2 --component "rootfs:handler=$2"
    "$bin/ferry" provision --product p.toml --serial 1 --trust keys/release.pub --ftp "ftp://127.0.0.1:$ftp" \
      --business "mqtt://127.0.0.1:$mqtt" --devices devices.jsonl --out 1.factory
  } >/dev/null
  mkdir repo
  "$bin/ferry" serve repo --listen "127.0.0.1:$ftp" >serve.log 2>&1 &
  pids+=($!)
  "$bin/ferry" hub --devices devices.jsonl --mqtt-listen "127.0.0.1:$mqtt" --dir hub >hub.log 2>&1 &
  pids+=($!)
  for port in "$ftp" "$mqtt"; do
    for _ in $(seq 300); do answers "$port" && break; sleep 0.1; done
  done
}
release() { # VERSION FILE
  echo "application $1" >app.bin
  "$bin/ferry" release --product p.toml --version "$1" --image app.bin --image "rootfs=$2" --key keys/release.key \
    --repo repo >/dev/null
}
visit() { # WANTED_EXIT_CODE
  local code=0
  timeout 120 "$bin/ferry-agent" --factory 1.factory --state state --json --once >agent.log 2>program.log || code=$?
  [ "$code" = "$1" ] || fail "the agent ended with $code, not $1"
}
in_force() { cmp -s state/handlers/rootfs "$1" || fail "$1 is not what the handler has in force"; }
refused() {
  grep '"event":"reverted"' agent.log | grep -q '"error":"handler_failed"' || fail "not reverted for handler_failed"
  [ ! -e state/handlers/rootfs.new ] || fail "the refused file was left"
}

# --- A stand-in, which notes what it was called with ---
mkdir "$folder/programs"
set_up stand-in "$folder/programs/rauc install {file}"
cat >"$folder/programs/rauc" <<'SH'
#!/bin/sh
echo "says something"
echo "$@" "$(sha256sum <"$2")" >>calls
! cmp -s "$2" bundle2 || exit 3
SH
chmod +x "$folder/programs/rauc"
called_with() { # FILE NAME...: each call, in order
  local file
  : >wanted
  for file in "$@"; do
    echo "install $PWD/state/handlers/rootfs${file#*:} $(sha256sum <"${file%%:*}")" >>wanted
  done
  sed -i "s|install state|install $PWD/state|" calls
  cmp -s calls wanted || { diff calls wanted >&2; fail "not called as it should be"; }
  rm calls
}
for number in 1 2 3; do head -c 30000 /dev/urandom >"bundle$number"; done
release 1.0.0 bundle1
visit 0
called_with bundle1:.new
in_force bundle1
release 2.0.0 bundle2
visit 1
refused
called_with bundle2:.new bundle1:.old
in_force bundle1
release 3.0.0 bundle3
visit 0
called_with bundle3:.new
in_force bundle3
! grep -q "says something" agent.log || fail "what the program says is among the agent's events"
echo "ok: a stand-in: the right files; a failure refuses the release"

# --- The wrapper of docs/handlers.md, which reboots into the new system: a reboot kills the agent ---
set_up wrapper "$folder/wrapper/ferry-rauc {file}"
mkdir programs
sed -n '/^#!\/bin\/sh$/,/^```$/p' "$guide" | grep -v '^```$' |
  sed "s|/var/lib/ferry/ferry-rauc|$PWD/note|; s|/proc/sys/kernel/random/boot_id|$PWD/boot_id|; s|sleep 3600|sleep 5|" >ferry-rauc
cat >programs/rauc <<SH
#!/bin/sh
case \$1 in
  install) sha256sum <"\$2" >>"$PWD/installed" ;;
  status) echo "RAUC_SYSTEM_BOOTED_BOOTNAME='\$(cat "$PWD/slot")'" ;;
esac
SH
cat >programs/systemctl <<SH
#!/bin/sh
echo "\$@" >>"$PWD/reboots"
date +%s%N >"$PWD/boot_id"
if [ "\$(tail -n 1 "$PWD/installed")" != "\$(cat "$PWD/falls-back" 2>/dev/null)" ]; then
  tr AB BA <"$PWD/slot" >"$PWD/slot.new" && mv "$PWD/slot.new" "$PWD/slot"
fi
kill -KILL "\$(cat "$PWD/agent.pid")"
SH
chmod +x ferry-rauc programs/*
echo A >slot
echo first >boot_id
visit_over_reboots() { # WANTED_EXIT_CODE
  local code
  : >reboots
  : >installed
  : >agent.log
  for _ in 1 2 3 4 5 6; do
    PATH=$PWD/programs:$PATH "$bin/ferry-agent" --factory 1.factory --state "$PWD/state" --json --once >>agent.log 2>>program.log &
    echo $! >agent.pid
    code=0
    wait $! 2>/dev/null || code=$?
    [ "$code" = 137 ] || break
  done
  [ "$code" = "$1" ] || fail "the agent ended with $code, not $1"
}
installed() { # FILE...
  for file in "$@"; do sha256sum <"$file"; done | cmp -s - installed || fail "not installed as it should be"
  [ "$(wc -l <reboots)" = $# ] || fail "$(wc -l <reboots) reboots, not $#"
}
for number in 1 2 3; do head -c 30000 /dev/urandom >"bundle$number"; done
release 1.0.0 bundle1
visit_over_reboots 0
installed bundle1
release 2.0.0 bundle2
sha256sum <bundle2 >falls-back # the bootloader does not get that one to work
visit_over_reboots 1
installed bundle2 bundle1 bundle2 bundle1 # it is tried twice, each time with the way back
in_force bundle1
grep '"event":"reverted"' agent.log | grep -q '"error":"handler_failed"' || fail "not reverted for handler_failed"
release 3.0.0 bundle3
visit_over_reboots 0
installed bundle3
in_force bundle3
echo "ok: ferry-rauc: one reboot for a release; where the bootloader falls back, so does the device"

sign_key() { openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -subj "/CN=$1" -days 2 2>/dev/null; }

# --- swupdate: its daemon, and the client that hands the file over and waits for the result ---
if command -v swupdate >/dev/null && command -v swupdate-client >/dev/null && command -v cpio >/dev/null; then
  set_up swupdate "swupdate-client {file}"
  head -c 200000 /dev/zero >target
  sign_key maker
  sign_key stranger
  export TMPDIR=$PWD # where its sockets are
  swupdate -k maker.pem -H m1:r2 >swupdate.log 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do [ -e sockinstctrl ] && break; sleep 0.1; done
  swu() { # NAME KEY
    head -c 200000 /dev/urandom >rootfs.img
    cp rootfs.img "$1.img"
    cat >sw-description <<SW
software = {
  version = "1";
  hardware-compatibility = [ "r2" ];
  images: ( { filename = "rootfs.img"; device = "$PWD/target"; type = "raw"; sha256 = "$(sha256sum rootfs.img | cut -d' ' -f1)"; } );
};
SW
    openssl cms -sign -in sw-description -out sw-description.sig -signer "$2.pem" -inkey "$2.key" -outform DER -nosmimecap -binary
    printf '%s\n' sw-description sw-description.sig rootfs.img | cpio -o -H crc >"$1.swu" 2>/dev/null
  }
  swu one maker
  swu two stranger
  swu three maker
  release 1.0.0 one.swu
  visit 0
  cmp -s target one.img || fail "swupdate did not write the image"
  release 2.0.0 two.swu
  visit 1
  refused
  cmp -s target one.img || fail "the old image is not back"
  release 3.0.0 three.swu
  visit 0
  cmp -s target three.img || fail "swupdate did not write the image"
  unset TMPDIR
  echo "ok: swupdate: installs; what another key has signed is refused, by it and so by the device"
else
  echo "skipped: no swupdate, swupdate-client and cpio in PATH"
fi

# --- rauc: its service on a bus of its own, slots that are files, a bootloader that is a script ---
if command -v rauc >/dev/null && command -v mksquashfs >/dev/null && command -v dbus-daemon >/dev/null && [ "$(id -u)" = 0 ]; then
  export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$folder/bus"
  set_up rauc "rauc install {file}"
  sign_key maker
  sign_key stranger
  head -c 400000 /dev/zero >slot0
  cp slot0 slot1
  mkdir mnt
  cat >system.conf <<CONF
[system]
compatible=m1-r2
bootloader=custom
mountprefix=$PWD/mnt
statusfile=$PWD/status
[handlers]
bootloader-custom-backend=$PWD/bootloader
[keyring]
path=$PWD/maker.pem
[slot.rootfs.0]
device=$PWD/slot0
type=raw
bootname=A
[slot.rootfs.1]
device=$PWD/slot1
type=raw
bootname=B
CONF
  cat >bootloader <<SH
#!/bin/sh
case \$1 in
  get-primary) cat "$PWD/primary" 2>/dev/null || echo A ;;
  set-primary) echo "\$2" >"$PWD/primary" ;;
  get-state) echo good ;;
esac
SH
  chmod +x bootloader
  cat >bus.conf <<CONF
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=$folder/bus</listen><policy context="default">
<allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/></policy></busconfig>
CONF
  dbus-daemon --config-file="$PWD/bus.conf" --nofork >bus.log 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do [ -e "$folder/bus" ] && break; sleep 0.1; done
  rauc --conf=system.conf --override-boot-slot=A service >rauc.log 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do rauc status >/dev/null 2>&1 && break; sleep 0.1; done
  bundle() { # NAME KEY
    rm -rf content
    mkdir content
    head -c 200000 /dev/urandom >content/rootfs.img
    cp content/rootfs.img "$1.img"
    printf '[update]\ncompatible=m1-r2\nversion=1\n[bundle]\nformat=plain\n[image.rootfs]\nfilename=rootfs.img\n' >content/manifest.raucm
    rauc --cert="$2.pem" --key="$2.key" bundle content "$1.raucb" >/dev/null 2>&1
  }
  holds() { cmp -s -n 200000 "$1" "$2.img" || fail "$1 does not hold $2: $(tail -2 rauc.log)"; }
  bundle one maker
  bundle two stranger
  bundle three maker
  release 1.0.0 one.raucb
  visit 0
  holds slot1 one
  [ "$(cat primary)" = B ] || fail "slot B was not made the primary one"
  release 2.0.0 two.raucb
  visit 1
  refused
  holds slot1 one
  release 3.0.0 three.raucb
  visit 0
  holds slot1 three
  rauc status --output-format=shell | grep -qx "RAUC_SYSTEM_BOOTED_BOOTNAME='*A'*" || fail "rauc says no slot: ferry-rauc asks for it"
  echo "ok: rauc: installs; what another key has signed is refused, by it and so by the device"
else
  echo "skipped: no rauc, mksquashfs and dbus-daemon in PATH, or not root"
fi
