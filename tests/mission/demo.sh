#!/usr/bin/env bash
# The whole mission against an FTP server that we did not write (or the built-in one): demo.sh BIN_FOLDER SERVER
set -euo pipefail
bin=$1
server=$2
output=$("$bin/ferry" demo --json --ftp-server "$server") || { echo "$output" | tail -20; exit 1; }
result=$(echo "$output" | tail -1)
python3 - "$result" <<'PY'
import json, sys
result = json.loads(sys.argv[1])
meter, stranger = result["devices"]
assert result["event"] == "result" and result["ok"], result
assert (meter["before"], meter["after"], meter["outcome"]) == ("1.0.0", "2.0.0", "upgraded"), meter
assert (stranger["before"], stranger["after"]) == ("1.0.0", "1.0.0"), stranger
assert stranger["outcome"] == "refused: not_for_this_device", stranger
assert stranger["bytes_over_the_air"] <= 1600, stranger
assert meter["bytes_over_the_air"] <= 1.02 * result["payload_bytes"], (meter, result["payload_bytes"])
print("ok:", meter["bytes_over_the_air"], "bytes over the air for a payload of", result["payload_bytes"])
PY
