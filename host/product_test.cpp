#include "host/product.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>

#include "host/failure.h"
#include "host/uuid.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

class HostProduct : public testing::Test {
 protected:
  HostProduct() {
    std::string name = (fs::temp_directory_path() / "ferry-product-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~HostProduct() override { fs::remove_all(folder_); }

  fs::path write(std::string_view text) {
    std::ofstream(folder_ / "product.toml") << text;
    return folder_ / "product.toml";
  }
  static Product example() {
    Product product = make_product(
        "Acme.Example", "m1", "r2",
        {{.name = "modem"}, {.name = "rootfs", .kind = ComponentKind::kHandler, .program = "rauc install \"x\""}});
    product.class_key = EcPrivateKey::generate().public_key().point();
    product.slots = SlotKind::kLinked;
    product.flash.slot_size = 16 * 4096;
    return product;
  }
  void expect_failure(std::string_view toml, std::string_view part) {
    try {
      (void)load_product(write(toml));
      FAIL() << "no failure for " << part;
    } catch (const Failure& failure) {
      EXPECT_NE(std::string_view(failure.what()).find(part), std::string_view::npos) << failure.what();
      EXPECT_EQ(std::string_view(failure.what()).find('\n'), std::string_view::npos) << failure.what();
    }
  }

  fs::path folder_;
};

TEST_F(HostProduct, IdsFollowFromTheNames) {
  const Product product = example();
  EXPECT_EQ(product.vendor, "acme.example");
  EXPECT_EQ(product.path, "acme.example/m1/r2");
  EXPECT_EQ(product.vendor_id, uuid_v5(kDnsNamespace, "acme.example"));
  EXPECT_EQ(product.class_id, uuid_v5(product.vendor_id, "m1/r2"));
}

TEST_F(HostProduct, RoundTrip) {
  const Product product = example();
  const Product again = load_product(write(to_toml(product)));
  EXPECT_EQ(again.class_id, product.class_id);
  EXPECT_EQ(again.class_key, product.class_key);
  EXPECT_EQ(again.slots, SlotKind::kLinked);
  EXPECT_EQ(again.flash.slot_size, 16U * 4096U);
  ASSERT_EQ(again.components.size(), 2U);
  EXPECT_EQ(again.components[0].kind, ComponentKind::kImage);
  EXPECT_EQ(again.components[1].program, "rauc install \"x\"");
}

TEST_F(HostProduct, NamesThatLeaveTheFolderAreRefused) {
  for (const std::string_view name : {"", "..", "a/b", "a b", ".hidden", "-x", "a..b", "x\n"}) {
    EXPECT_THROW((void)make_product("acme.example", name, "r2", {}), Failure) << name;
    EXPECT_THROW((void)make_product("acme.example", "m1", name, {}), Failure) << name;
    EXPECT_THROW((void)make_product(name, "m1", "r2", {}), Failure) << name;
  }
  EXPECT_THROW((void)make_product("acme", "m1", "r2", {}), Failure);
}

TEST_F(HostProduct, ComponentNamesAreUnique) {
  EXPECT_THROW((void)make_product("acme.example", "m1", "r2", {{.name = "a1"}, {.name = "a1"}}), Failure);
  EXPECT_THROW((void)make_product("acme.example", "m1", "r2", {{.name = "app"}}), Failure);
  EXPECT_THROW((void)make_product("acme.example", "m1", "r2", {{.name = "x"}}), Failure) << "one byte is reserved";
  EXPECT_THROW(
      (void)make_product("acme.example", "m1", "r2", {{.name = "c1"}, {.name = "c2"}, {.name = "c3"}, {.name = "c4"}}),
      Failure);
}

TEST_F(HostProduct, FlashIsWholeSectors) {
  EXPECT_NO_THROW(check_flash({}));
  EXPECT_THROW(check_flash({.sector_size = 5000}), Failure);
  EXPECT_THROW(check_flash({.slot_size = 12345}), Failure);
  EXPECT_THROW(check_flash({.slot_size = 8192}), Failure) << "all of it would be envelope";
  EXPECT_THROW(check_flash({.staging_size = 0}), Failure);
}

TEST_F(HostProduct, ComponentsAsText) {
  EXPECT_EQ(parse_component("modem").kind, ComponentKind::kImage);
  EXPECT_EQ(parse_component("modem:image").name, "modem");
  const ProductComponent handler = parse_component("rootfs:handler=rauc install");
  EXPECT_EQ(handler.kind, ComponentKind::kHandler);
  EXPECT_EQ(handler.program, "rauc install");
  EXPECT_THROW((void)parse_component("rootfs:file"), Failure);
}

TEST_F(HostProduct, WrongFilesAreNamed) {
  expect_failure("[product", "line 1: not TOML");
  expect_failure("", "product.vendor is missing");
  expect_failure(std::string("\x89PNG\r\n\x1a\n"), "not TOML");
  const std::string good = to_toml(example());
  const auto replaced = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  expect_failure(replaced("\"m1\"", "\"m2\""), "do not belong to");
  expect_failure(replaced("\"linked\"", "\"both\""), "neither 'either' nor 'linked'");
  expect_failure(replaced("slot_size = 65536", "slot_size = -1"), "flash.slot_size is no size");
  expect_failure(replaced("BEGIN PUBLIC", "BEGIN SECRET"), "class_key");
  expect_failure(replaced("kind = \"image\"", "kind = \"disk\""), "neither 'image' nor 'handler'");
}

TEST_F(HostProduct, KeyFileStandsBeside) {
  EXPECT_EQ(class_key_file("a/meter.toml"), fs::path("a/meter.key"));
  EXPECT_EQ(class_key_file("meter"), fs::path("meter.key"));
}

}  // namespace
}  // namespace ferry::host
