// Any bytes as a broker, split anywhere: the client keeps the protocol, and comes to the same end.
#include "device/mqtt/any_broker_test_util.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ferry::mqtt::check_any_broker({data, size});
  return 0;
}
