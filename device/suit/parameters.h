// Decoding of one parameter of override-parameters.
#pragma once

#include "device/cbor/decoder.h"
#include "device/suit/platform.h"

namespace ferry::suit {

// Parameters that steer the processor rather than describe a component.
struct Steering {
  std::optional<bool> strict_order;
  std::optional<bool> soft_failure;
};

// Reads the value of parameter `label` into `parameters` or `steering`; `component_count` bounds source-component.
// Errors: kUnknownParameter, kManifestMalformed, kUnknownAlgorithm, kCbor*.
[[nodiscard]] Status read_parameter(cbor::Decoder& decoder, std::int64_t label, std::size_t component_count,
                                    Parameters& parameters, Steering& steering);

}  // namespace ferry::suit
