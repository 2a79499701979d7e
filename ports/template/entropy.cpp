#include "ports/template/entropy.h"

namespace ferry::board_template {

Status Entropy::fill(ByteSpan /*bytes*/) {
  return fail(Error::kIo);
}

}  // namespace ferry::board_template
