#include "device/factory/component.h"

#include <gtest/gtest.h>

#include "device/crypto/hex_test_util.h"
#include "device/factory/sample_test_util.h"

namespace ferry {
namespace {

Result<ComponentRef> resolve(std::string_view hex) {
  static const FactoryFile file = sample_factory();  // "radio" is an image, "rootfs" a handler
  return resolve_component(file.parameters, from_hex(hex));
}

TEST(Component, ApplicationAndItsPayload) {
  EXPECT_EQ(resolve("81 4100"),
            (ComponentRef{.role = ComponentRole::kTarget, .kind = ComponentKind::kImage, .index = 0}));
  EXPECT_EQ(resolve("81 4101"),
            (ComponentRef{.role = ComponentRole::kStaged, .kind = ComponentKind::kImage, .index = 0}));
}

TEST(Component, WhatRunsNow) {
  EXPECT_EQ(resolve("81 4102"), (ComponentRef{.role = ComponentRole::kRunning}));
  EXPECT_EQ(resolve("82 4102 45726164696f"), (ComponentRef{.role = ComponentRole::kRunning, .index = 1}));
}

TEST(Component, FurtherOnesByName) {
  EXPECT_EQ(resolve("81 45726164696f"),
            (ComponentRef{.role = ComponentRole::kTarget, .kind = ComponentKind::kImage, .index = 1}));
  EXPECT_EQ(resolve("82 4101 45726164696f"),
            (ComponentRef{.role = ComponentRole::kStaged, .kind = ComponentKind::kImage, .index = 1}));
  EXPECT_EQ(resolve("81 46726f6f746673"),
            (ComponentRef{.role = ComponentRole::kTarget, .kind = ComponentKind::kHandler, .index = 0}));
  EXPECT_EQ(resolve("82 4101 46726f6f746673"),
            (ComponentRef{.role = ComponentRole::kStaged, .kind = ComponentKind::kHandler, .index = 0}));
}

TEST(Component, T3_OnesThatThisDeviceLacks) {
  for (const char* id : {"81 4103", "81 40", "81 43616263", "82 4100 45726164696f", "82 4101 4100", "80",
                         "83 4101 45726164696f 4100", "82 45726164696f 4101"}) {
    EXPECT_EQ(resolve(id).error(), Error::kNotForThisDevice) << id;
  }
}

TEST(Component, T9_MalformedIdentifiers) {
  for (const char* id :
       {"", "81", "4100", "81 6161", "81 4100 00", "82 4101 45726164696f 00", "81 4200", "9f 4100 ff"}) {
    const auto ref = resolve(id);
    ASSERT_FALSE(ref) << id;
    EXPECT_NE(ref.error(), Error::kNotForThisDevice) << id;
  }
}

}  // namespace
}  // namespace ferry
