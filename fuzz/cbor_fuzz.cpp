// Any bytes: an item is taken only if writing it again gives the same bytes; what is behind it does not matter.
#include <cstdlib>
#include <vector>

#include "device/cbor/decoder.h"
#include "device/cbor/encoder.h"

namespace {

using ferry::ByteView;
using ferry::Status;
using ferry::cbor::Decoder;
using ferry::cbor::Encoder;
using ferry::cbor::Type;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Copies one item with typed reads; its form was checked before, so only numbers past 63 bits may be refused.
Status copy_item(Decoder& in, Encoder& out) {
  switch (in.peek().value()) {
    case Type::kUnsigned:
      out.unsigned_integer(in.read_unsigned().value());
      return ferry::ok();
    case Type::kNegative: {
      FERRY_TRY_ASSIGN(const auto value, in.read_integer());
      out.integer(value);
      return ferry::ok();
    }
    case Type::kBytes:
      out.bytes(in.read_bytes().value());
      return ferry::ok();
    case Type::kText:
      out.text(in.read_text().value());
      return ferry::ok();
    case Type::kArray: {
      const std::size_t count = in.read_array().value();
      out.array(count);
      for (std::size_t i = 0; i < count; ++i) {
        FERRY_TRY(copy_item(in, out));
      }
      return ferry::ok();
    }
    case Type::kMap: {
      const std::size_t count = in.read_map().value();
      out.map(count);
      for (std::size_t i = 0; i < 2 * count; ++i) {
        FERRY_TRY(copy_item(in, out));
      }
      return ferry::ok();
    }
    case Type::kTag:
      out.tag(in.read_tag().value());
      return copy_item(in, out);
    case Type::kSimple:
      if (in.next_is_null()) {
        require(in.read_null().has_value());
        out.null();
      } else {
        out.boolean(in.read_bool().value());
      }
      return ferry::ok();
  }
  return ferry::ok();
}

// A map's keys, as far as they are in order.
void read_keys(ByteView item) {
  ferry::cbor::Reader reader(item);
  if (reader.peek() != ferry::cbor::Type::kMap) {
    return;
  }
  for (ferry::cbor::MapReader map(reader); map.next();) {
    static_cast<void>(reader.item());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  Decoder decoder(bytes);
  const auto item = decoder.read_item();
  if (!item) {
    require(decoder.rest().size() == size);
    return 0;
  }
  require(item->size() + decoder.rest().size() == size && !item->empty());
  require(Decoder(*item).read_item()->size() == item->size());
  std::vector<std::uint8_t> buffer(item->size());
  Encoder encoder(buffer);
  Decoder again(*item);
  if (copy_item(again, encoder)) {
    const auto written = encoder.finish();
    require(written && ferry::equal(*written, *item) && again.at_end());
  }
  read_keys(*item);
  return 0;
}
