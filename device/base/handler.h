// Port: takes the bytes of one component that does not live in Ferry's own slots (a file, a second processor, on Linux
// a program such as `rauc install`), all or nothing.
//
// The ImageSink part keeps the new bytes beside what is in force. activate() puts them in force once the new release
// runs on trial; roll_back() undoes that when the trial fails, and forgets bytes that were never activated. Both may
// be called again after a power cut and must then come to the same end. Long work answers false: call again.
#pragma once

#include "device/base/image_sink.h"

namespace ferry {

class Handler : public ImageSink {
 public:
  // The new bytes, to check them before anything is put in force. Errors: kOutOfRange, kIo.
  [[nodiscard]] virtual Status read(std::uint32_t offset, ByteSpan bytes) = 0;
  // True = in force; false = call again. Errors: kHandlerFailed.
  [[nodiscard]] virtual Result<bool> activate() = 0;
  // True = as it was before; false = call again. Errors: kHandlerFailed.
  [[nodiscard]] virtual Result<bool> roll_back() = 0;

 protected:
  ~Handler() = default;
};

}  // namespace ferry
