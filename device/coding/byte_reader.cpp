#include "device/coding/byte_reader.h"

namespace ferry::coding {

bool ByteReader::read() {
  if (status_) {
    if (const auto piece = source_->next_piece()) {
      piece_ = *piece;
    } else {
      status_ = fail(piece.error());
    }
  }
  return !piece_.empty();
}

}  // namespace ferry::coding
