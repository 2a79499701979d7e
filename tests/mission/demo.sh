#!/usr/bin/env bash
# The whole mission against an FTP server that we did not write (or the built-in one), over a line that breaks the
# download off DROPS times: demo.sh BIN_FOLDER SERVER [DROPS [FIRMWARE_FOLDER]]
# With a folder of firmware on emulated microcontrollers; exits 77 where that, or the emulator, is missing.
set -euo pipefail
bin=$1
server=$2
drops=${3:-0}
firmware=${4:-}
device=()
if [ -n "$firmware" ]; then
  if [ ! -f "$firmware/bootloader.elf" ] || ! command -v qemu-system-arm >/dev/null; then
    echo "no firmware in $firmware (script/firmware), or no qemu-system-arm: skipped"
    exit 77
  fi
  device=(--mcu --firmware "$firmware")
fi
output=$("$bin/ferry" demo --json --ftp-server "$server" --drops "$drops" "${device[@]}") ||
  { echo "$output" | tail -20; exit 1; }
python3 - "$drops" "$firmware" "$output" <<'PY'
import json, os, sys
drops, firmware = int(sys.argv[1]), sys.argv[2]
lines = [json.loads(line) for line in sys.argv[3].splitlines()]
assert all(isinstance(line, dict) and "event" in line for line in lines), lines
result = lines[-1]
meter, stranger = result["devices"]
assert result["event"] == "result" and result["ok"], result
assert (meter["before"], meter["after"], meter["outcome"]) == ("1.0.0", "2.0.0", "upgraded"), meter
assert (stranger["before"], stranger["after"]) == ("1.0.0", "1.0.0"), stranger
assert stranger["outcome"] == "refused: not_for_this_device", stranger
assert stranger["bytes_over_the_air"] <= 1600, stranger
# What a line that breaks takes along is sent again: a share of the payload, and for each drop the manifest's size. The
# manifest and its two members cost the same for a payload of any size.
ratio, allowance = (1.05, 2000 + 2000 * drops) if drops else (1.02, 600)
if firmware and not drops:
    ratio, allowance = 0.1, 0  # by delta
assert meter["bytes_over_the_air"] <= ratio * result["payload_bytes"] + allowance, (meter, result["payload_bytes"])
assert meter["image_bytes"] == result["payload_bytes"] and stranger["image_bytes"] == 0, (meter, stranger)
assert meter["drops"] == drops and stranger["drops"] == 0, (meter, stranger)
assert [line["number"] for line in lines if line["event"] == "drop"] == list(range(1, drops + 1)), lines
published = [line["command"] for line in lines if line["event"] == "command" and " publish " in line["command"]]
assert len(published) == 2, published
seen = [(line["device_name"], line["version"]) for line in lines if line["event"] == "readings"]
assert seen == [("meter 0001", "1.0.0"), ("meter 0002", "1.0.0"), ("meter 0001", "2.0.0"), ("meter 0002", "1.0.0")], seen
for line in lines:
    if line["event"] == "readings":
        units = {reading["unit"] for reading in line["readings"]}
        more = {"Hz"} if firmware and line["version"] == "2.0.0" else set() if firmware else {"A"}
        assert units == {"V", "W", "kWh"} | more, line
steps = [line["event"] for line in lines if line.get("device_name") == "meter 0001"]
upgrade = ["window", "jump", "downloading", "downloaded", "burnt", "reset", "boot", "trial", "confirmed", "readings"]
told = [step for step in steps[len(steps) - steps[::-1].index("window") - 1:] if step not in ("progress", "drop")]
assert told == upgrade, told
if firmware:
    for device, application in ((meter, "meter-next-b.bin"), (stranger, "meter-a.bin")):
        for program, file in (("bootloader", "bootloader.bin"), ("application", application)):
            memory = device["memory"][program]
            assert memory["flash"] == os.path.getsize(os.path.join(firmware, file)), memory
            assert memory["ram_objects"] > 1024 and memory["ram_stack"] > 1024, memory
        decoder = device["memory"]["decoder"]
        assert 4096 < decoder["flash"] <= 8192 and 8192 < decoder["ram_objects"] <= 12288, decoder
else:
    assert "memory" not in meter, meter
print("ok:", meter["bytes_over_the_air"], "bytes over the air for a payload of", result["payload_bytes"], "with", drops,
      "drops")
PY
