// Asks the device's own code what it makes of a manifest, whoever signed it: the manifest is signed anew with a key
// made for the purpose, authenticated, and every sequence is run on a platform that answers yes to everything.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/bytes.h"
#include "host/ec_key.h"

namespace ferry::host {

// `manifest`: the encoded SUIT_Manifest map. `members`: encoded pairs of the envelope besides wrapper and manifest,
// `pairs` of them; a severed sequence that is not among them is left out. One line for each refusal; none: a device
// accepts all of it.
[[nodiscard]] std::vector<std::string> device_refusals(ByteView manifest, ByteView members, std::size_t pairs);

// The same manifest and members in an envelope that `key` signed; nothing where `envelope` is none.
[[nodiscard]] std::optional<Bytes> sign_anew(ByteView envelope, const EcPrivateKey& key);

}  // namespace ferry::host
