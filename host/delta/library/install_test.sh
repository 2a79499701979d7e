#!/usr/bin/env bash
# The library as another project uses it: installed, found by pkg-config, a program in C compiled against it and run.
#
# usage: install_test.sh BUILD_FOLDER
set -euo pipefail
[ $# -eq 1 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
command -v pkg-config >/dev/null || { echo "pkg-config is not installed: skipped" && exit 77; }
source=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$1" --component ferry-delta --prefix "$folder/usr" >"$folder/log" || { cat "$folder/log" && exit 1; }
PKG_CONFIG_PATH=$(dirname "$(find "$folder/usr" -name ferry-delta.pc)")
export PKG_CONFIG_PATH
libraries=$(pkg-config --variable=libdir ferry-delta)
# shellcheck disable=SC2046
cc -std=c99 -Wall -Wextra -Wpedantic -Werror -o "$folder/example" "$source/example.c" $(pkg-config --cflags --libs ferry-delta)
head -c 30000 /dev/urandom >"$folder/old"
{ head -c 9000 "$folder/old" && echo "something new" && tail -c 20000 "$folder/old"; } >"$folder/new"
LD_LIBRARY_PATH=$libraries "$folder/example" "$folder/old" "$folder/new" "$folder/delta"
[ "$(stat -c %s "$folder/delta")" -lt 200 ] || { echo "the delta is too large" && exit 1; }
foreign=$(nm -D --defined-only "$libraries/libferry-delta.so" | awk '{print $NF}' | grep -v '^ferry_delta_' || true)
[ -z "$foreign" ] || { echo "the library shows more than its functions: $foreign" && exit 1; }
