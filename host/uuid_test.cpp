#include "host/uuid.h"

#include <gtest/gtest.h>

namespace ferry::host {
namespace {

// The identifiers of the example manifests in draft-ietf-suit-manifest.
TEST(HostUuid, VendorAndClassOfTheDraft) {
  const Uuid vendor = uuid_v5(kDnsNamespace, "arm.com");
  EXPECT_EQ(to_string(vendor), "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe");
}

TEST(HostUuid, ParsesWhatItPrints) {
  const Uuid id = uuid_v5(kDnsNamespace, "acme.example");
  EXPECT_EQ(parse_uuid(to_string(id)), id);
}

TEST(HostUuid, RefusesWhatIsNone) {
  EXPECT_FALSE(parse_uuid(""));
  EXPECT_FALSE(parse_uuid("fa6b4a53d5ad5fdfbe9de663e4d41ffe"));
  EXPECT_FALSE(parse_uuid("fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffg"));
  EXPECT_FALSE(parse_uuid("fa6b4a53-d5ad-5fdf-be9d-e663e4d41ff-"));
}

}  // namespace
}  // namespace ferry::host
