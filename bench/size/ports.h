// The ports of a board that is nowhere: declared, never defined, so that a link of the device library holds its own
// code and nothing else.
#pragma once

#include "device/upgrade/environment.h"

namespace ferry::size {

extern NorFlash& flash;
extern const LayoutPlan& plan;
extern Network& network;
extern Clock& clock;
extern Entropy& entropy;
extern Power& power;
extern Board& board;
extern ByteView factory_bytes;  // where the factory parameters are kept

}  // namespace ferry::size
