#include "host/factory_writer.h"

#include <gtest/gtest.h>

#include "host/failure.h"

namespace ferry::host {
namespace {

class HostFactory : public testing::Test {
 protected:
  HostFactory() {
    const EcPrivateKey class_key = EcPrivateKey::generate();
    spec_.product = make_product("acme.example", "m1", "r2",
                                 {{.name = "rootfs", .kind = ComponentKind::kHandler, .program = "rauc install"}});
    spec_.product.class_key = class_key.public_key().point();
    spec_.class_key = class_key.scalar();
    spec_.serial = "0001";
    spec_.anchors.push_back(EcPrivateKey::generate().public_key().point());
    settings_.ftp = {.host = "files.example", .port = 21, .user = "dev", .password = "secret"};
    settings_.business = {.host = "hub.example", .port = 1883, .user = "u", .password = "p"};
  }

  FactorySpec spec_;
  Settings settings_;
};

TEST_F(HostFactory, DeviceReadsWhatTheHostWrote) {
  const Bytes bytes = encode_factory_file(spec_, settings_);
  const auto file = decode_factory(bytes);
  ASSERT_TRUE(file.has_value()) << name(file.error());
  EXPECT_EQ(file->parameters.vendor_id, spec_.product.vendor_id);
  EXPECT_EQ(file->parameters.class_id, spec_.product.class_id);
  EXPECT_EQ(file->parameters.device_id, device_id(spec_));
  EXPECT_EQ(file->parameters.serial, "0001");
  EXPECT_EQ(file->parameters.product, "acme.example/m1/r2");
  ASSERT_EQ(file->parameters.anchor_count, 1U);
  EXPECT_EQ(file->parameters.anchors[0].key, spec_.anchors[0]);
  EXPECT_EQ(file->parameters.keys.ecdh, spec_.class_key);
  ASSERT_EQ(file->parameters.component_count, 1U);
  EXPECT_EQ(file->parameters.components[0].program, "rauc install");
  EXPECT_EQ(file->settings.ftp.password, "secret");
}

TEST_F(HostFactory, ADeviceThatSealsHasItsKey) {
  EXPECT_FALSE(decode_factory(encode_factory_file(spec_, settings_))->parameters.seal_key);
  spec_.seal_key = AesKey{7};
  EXPECT_EQ(decode_factory(encode_factory_file(spec_, settings_))->parameters.seal_key, AesKey{7});
}

TEST_F(HostFactory, TheSameSerialIsTheSameDevice) {
  const Uuid id = device_id(spec_);
  EXPECT_EQ(id, device_id(spec_));
  spec_.serial = "0002";
  EXPECT_NE(id, device_id(spec_));
}

TEST_F(HostFactory, RefusesWhatDoesNotFit) {
  FactorySpec spec = spec_;
  spec.class_key = EcPrivateKey::generate().scalar();
  EXPECT_THROW((void)encode_factory_file(spec, settings_), Failure) << "another product's class key";
  spec = spec_;
  spec.anchors.clear();
  EXPECT_THROW((void)encode_factory_file(spec, settings_), Failure) << "nobody to trust";
  spec.anchors.assign(kMaxAnchors + 1, spec_.anchors[0]);
  EXPECT_THROW((void)encode_factory_file(spec, settings_), Failure) << "too many to trust";
}

}  // namespace
}  // namespace ferry::host
