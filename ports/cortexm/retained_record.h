// The modem driver's few bytes, in RAM that no start-up code clears. A check tells when they are not there.
#pragma once

#include "device/modem/ports.h"

namespace ferry::cortexm {

class RetainedRecord final : public modem::RetainedRecord {
 public:
  [[nodiscard]] Result<std::size_t> load(ByteSpan record) override;
  [[nodiscard]] Status store(ByteView record) override;
};

}  // namespace ferry::cortexm
