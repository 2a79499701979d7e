// Golden bytes of spec/sealed.md, made by another implementation from RFC 9052 alone (tests/interop/unseal.py prints
// them). The device makes them, the business server opens them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "device/factory/sample_test_util.h"

namespace ferry::seal {

inline const AesKey kVectorKey = counting_from<AesKey>(0x80);
inline const Uuid kVectorDevice = counting_from<Uuid>(0x30);
// [{-2: "d:", 0: "p", 1: "W", 2: 1.5}]
inline constexpr std::string_view kVectorPack = "81a42162643a00617001615702fb3ff8000000000000";
// {0: 1, 1: 1800000000}
inline constexpr std::string_view kVectorEvent = "a20001011a6b49d200";

struct SealVector {
  std::string_view leaf;
  std::uint32_t series;
  std::uint32_t number;
  std::string message;  // hexadecimal
  std::string sealed;
};

inline std::vector<SealVector> seal_vectors() {
  return {{"data", 0x01020304, 0, std::string(kVectorPack),
           "d08343a1010aa106480102030400000000581e65c4e904f7b151f88028abce7d0126d9f11a47834305d59ec231a36851d7"},
          {"event", 0x01020304, 1, std::string(kVectorEvent),
           "d08343a1010aa106480102030400000001518ed0678ce5f191251fe6c49d4ffb53a336"},
          {"data", 0x01020304, 0x200, "", "d08343a1010aa106480102030400000200489094f21536824b78"}};
}

}  // namespace ferry::seal
