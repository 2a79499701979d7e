#include "host/repository.h"

#include <cstdlib>
#include <gtest/gtest.h>

#include "host/failure.h"
#include "host/files.h"
#include "host/uuid.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

class HostRepository : public testing::Test {
 protected:
  HostRepository() {
    EXPECT_TRUE(crypto::start());
    std::string name = (fs::temp_directory_path() / "ferry-repository-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~HostRepository() override { fs::remove_all(folder_); }

  BuiltRelease release(std::uint64_t sequence) const {
    ReleaseSpec spec;
    spec.sequence = sequence;
    spec.version = {.parts = {2, 1, 0}, .count = 3};
    spec.components.push_back({.image = {.bytes = Bytes(10, 1)}});
    return build_release(spec, key_);
  }
  [[nodiscard]] fs::path product() const { return folder_ / "acme.example/m1/r2"; }

  EcPrivateKey key_ = EcPrivateKey::generate();
  fs::path folder_;
};

TEST_F(HostRepository, AnEmptyOneHasNoRelease) {
  const LatestRelease latest = latest_release(product(), key_.public_key(), false);
  EXPECT_EQ(latest.sequence, 0U);
  EXPECT_EQ(latest.version.count, 0U);
}

TEST_F(HostRepository, StoresAndFindsTheLatest) {
  const BuiltRelease built = release(7);
  store_release(built, product(), product() / manifest_path(std::nullopt));
  EXPECT_EQ(read_file(product() / "manifest.suit"), built.envelope);
  EXPECT_EQ(read_file(product() / built.payloads[0].path), built.payloads[0].bytes);
  EXPECT_EQ(latest_release(product(), key_.public_key(), false).sequence, 7U);
  EXPECT_EQ(latest_release(product(), key_.public_key(), false).version.parts[0], 2);
}

// A device has one floor, whichever manifest raised it.
TEST_F(HostRepository, ManifestsOfSingleDevicesCount) {
  const Uuid device = uuid_v5(kDnsNamespace, "device");
  store_release(release(7), product(), product() / manifest_path(std::nullopt));
  store_release(release(9), product(), product() / manifest_path(device));
  EXPECT_EQ(latest_release(product(), key_.public_key(), false).sequence, 9U);
}

TEST_F(HostRepository, ForeignManifestsAreNamed) {
  store_release(release(7), product(), product() / manifest_path(std::nullopt));
  const EcPublicKey other = EcPrivateKey::generate().public_key();
  EXPECT_THROW((void)latest_release(product(), other, false), Failure);
  EXPECT_EQ(latest_release(product(), other, true).sequence, 0U);
}

TEST_F(HostRepository, NothingIsStoredByHalf) {
  const BuiltRelease built = release(7);
  fs::create_directories(product() / "manifest.suit/in-the-way");
  EXPECT_THROW(store_release(built, product(), product() / "manifest.suit"), Failure);
  EXPECT_FALSE(fs::exists(product() / built.payloads[0].path));
  EXPECT_FALSE(fs::exists(product() / "2.1.0"));
}

}  // namespace
}  // namespace ferry::host
