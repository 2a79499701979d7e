#include "ports/cortexm/retained_record.h"

#include <algorithm>

#include "ports/cortexm/startup.h"

namespace ferry::cortexm {

Result<std::size_t> RetainedRecord::load(ByteSpan record) {
  const Retained& kept = retained();
  const ByteView bytes = ByteView(kept.record).first(std::min<std::size_t>(kept.record_size, kept.record.size()));
  if (kept.record_check != ~crc32(bytes)) {
    return std::size_t{0};
  }
  return copy(bytes, record);
}

Status RetainedRecord::store(ByteView record) {
  Retained& kept = retained();
  kept.record_size = static_cast<std::uint32_t>(copy(record, kept.record));
  kept.record_check = ~crc32(ByteView(kept.record).first(kept.record_size));
  return kept.record_size == record.size() ? ok() : Status(fail(Error::kIo));
}

}  // namespace ferry::cortexm
