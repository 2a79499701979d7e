// What the bytes of a delta are for.
#include <cmath>

#include "host/delta/account.h"
#include "host/delta/modes.h"
#include "host/failure.h"
#include "host/files.h"
#include "tools/ferry/delta_drawing.h"
#include "tools/ferry/inspect.h"

namespace ferry::tool {
namespace {

using host::delta::Account;
using host::delta::BlockAccount;

double rounded(double bytes) {
  return std::round(bytes * 10) / 10;
}

Json units_json(const Account& account) {
  constexpr std::array<const char*, host::delta::kUnits> kNames = {"branches", "image-addresses", "ram-addresses",
                                                                   "bytes"};
  Json units = Json::object();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto& unit = account.units[i];
    units[kNames[i]] = {{"count", unit.count},
                        {"as-predicted", unit.as_predicted},
                        {"bytes", rounded(unit.bytes)},
                        {"of-them-for-surprises", rounded(unit.bytes_of_surprises)}};
  }
  return units;
}

Json block_json(const BlockAccount& block) {
  Json json{{"at", block.at}};
  if (block.literals > 0) {
    json["literals"] = block.literals;
    json["literal-bytes"] = rounded(block.literal_bytes);
  }
  if (block.copied > 0) {
    json["copied"] = block.copied;
    json["from"] = block.old_start;
    json["changed"] = block.changed;
    json["copy-bytes"] = rounded(block.copy_bytes);
  }
  json["command-bytes"] = rounded(block.command_bytes);
  return json;
}

}  // namespace

Json inspect_delta(const InspectInput& input, ByteView clear) {
  if (input.old_image.empty()) {
    if (!input.svg.empty()) {
      throw host::Failure("--svg needs the image that the delta was made from: give --from OLD");
    }
    return {{"blocks", "with --from OLD, the image that it was made from, it is explained block by block"}};
  }
  const host::Bytes old = host::read_file(input.old_image);
  const Account account = [&] {
    try {
      return host::delta::account_of(old, clear);
    } catch (const host::Failure& failure) {
      throw host::Failure("{}: {}", input.file.string(), failure.what());
    }
  }();
  Json blocks = Json::array();
  for (const BlockAccount& block : account.blocks) {
    blocks.push_back(block_json(block));
  }
  if (!input.svg.empty()) {
    host::FileSet files;
    files.put(input.svg, draw(account, input.file.filename().string()));
    files.commit();
  }
  return {{"old-size", account.header.old_size},
          {"mode", host::delta::tools_of(account.header.mode).name},
          {"bytes",
           {{"headers", account.header_bytes},
            {"address-map", rounded(account.map_bytes)},
            {"commands", rounded(account.command_bytes)},
            {"literals", rounded(account.literal_bytes)},
            {"copies", rounded(account.copy_bytes())}}},
          {"copied-units", units_json(account)},
          {"blocks", blocks}};
}

}  // namespace ferry::tool
