// What the bytes of a packed image are for.
#include <cmath>

#include "host/failure.h"
#include "host/packed/account.h"
#include "tools/ferry/inspect.h"

namespace ferry::tool {
namespace {

Json part_json(const host::packed::PackedParts::Part& part) {
  return {{"count", part.units}, {"image-bytes", part.bytes}, {"bytes", std::round(part.size * 10) / 10}};
}

}  // namespace

Json inspect_packed(const InspectInput& input, ByteView clear) {
  const host::packed::Account account = [&] {
    try {
      return host::packed::account_of(clear);
    } catch (const host::Failure& failure) {
      throw host::Failure("{}: {}", input.file.string(), failure.what());
    }
  }();
  return {{"mode", account.header.branches ? "thumb2" : "plain"},
          {"header-bytes", account.header_bytes},
          {"units",
           {{"bytes", part_json(account.parts.single)},
            {"halfwords", part_json(account.parts.halves)},
            {"matches", part_json(account.parts.matches)},
            {"matches-as-far-back-as-before", part_json(account.parts.repeats)}}}};
}

}  // namespace ferry::tool
