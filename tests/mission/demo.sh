#!/usr/bin/env bash
# The whole mission against an FTP server that we did not write (or the built-in one), over a line that breaks the
# download off DROPS times: demo.sh BIN_FOLDER SERVER [DROPS]
set -euo pipefail
bin=$1
server=$2
drops=${3:-0}
output=$("$bin/ferry" demo --json --ftp-server "$server" --drops "$drops") || { echo "$output" | tail -20; exit 1; }
python3 - "$drops" "$output" <<'PY'
import json, sys
drops = int(sys.argv[1])
lines = [json.loads(line) for line in sys.argv[2].splitlines()]
assert all(isinstance(line, dict) and "event" in line for line in lines), lines
result = lines[-1]
meter, stranger = result["devices"]
assert result["event"] == "result" and result["ok"], result
assert (meter["before"], meter["after"], meter["outcome"]) == ("1.0.0", "2.0.0", "upgraded"), meter
assert (stranger["before"], stranger["after"]) == ("1.0.0", "1.0.0"), stranger
assert stranger["outcome"] == "refused: not_for_this_device", stranger
assert stranger["bytes_over_the_air"] <= 1600, stranger
# What a line that breaks takes along is sent again: a share of the payload, and for each drop the manifest's size.
ratio, allowance = (1.05, 2000 + 2000 * drops) if drops else (1.02, 0)
assert meter["bytes_over_the_air"] <= ratio * result["payload_bytes"] + allowance, (meter, result["payload_bytes"])
assert meter["drops"] == drops and stranger["drops"] == 0, (meter, stranger)
assert [line["number"] for line in lines if line["event"] == "drop"] == list(range(1, drops + 1)), lines
published = [line["command"] for line in lines if line["event"] == "command" and " publish " in line["command"]]
assert len(published) == 2, published
seen = [(line["device_name"], line["version"]) for line in lines if line["event"] == "readings"]
assert seen == [("meter 0001", "1.0.0"), ("meter 0002", "1.0.0"), ("meter 0001", "2.0.0"), ("meter 0002", "1.0.0")], seen
for line in lines:
    if line["event"] == "readings":
        assert {reading["unit"] for reading in line["readings"]} == {"V", "A", "W", "kWh"}, line
print("ok:", meter["bytes_over_the_air"], "bytes over the air for a payload of", result["payload_bytes"], "with", drops,
      "drops")
PY
