// Decoding of one parameter of override-parameters.
#pragma once

#include "device/cbor/reader.h"
#include "device/suit/platform.h"

namespace ferry::suit {

// Parameters that steer the processor rather than describe a component.
struct Steering {
  std::optional<bool> strict_order;
  std::optional<bool> soft_failure;
};

// Reads the value of parameter `label` into `parameters` or `steering`; `component_count` bounds source-component.
// Errors, in the reader: kUnknownParameter, kManifestMalformed, kUnknownAlgorithm, kCbor*.
void read_parameter(cbor::Reader& reader, std::int64_t label, std::size_t component_count, Parameters& parameters,
                    Steering& steering);

}  // namespace ferry::suit
