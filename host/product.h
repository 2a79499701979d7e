// A product: what all devices of one vendor, model and hardware revision have in common. A TOML file that holds no
// secret; the class key's private half stands in a file of its own beside it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "device/factory/factory.h"
#include "host/ec_key.h"

namespace ferry::host {

struct ProductComponent {
  std::string name;
  ComponentKind kind = ComponentKind::kImage;
  std::string program = {};  // of a handler on Linux: its command line
};

enum class SlotKind {
  kEither,  // one image runs in either slot
  kLinked,  // an image is linked for its slot: two images a release
};

struct Product {
  std::string vendor;  // a domain name
  std::string model;
  std::string hardware;
  std::string path;  // of the product in a repository
  Uuid vendor_id{};
  Uuid class_id{};
  P256PublicKey class_key{};
  SlotKind slots = SlotKind::kEither;
  bool packed = false;  // its devices unpack whole images of the application
  FlashSettings flash;
  std::vector<ProductComponent> components;  // besides the application
};

// Fills in what follows from the three names: ids and path. Throws Failure where a name has characters that cannot
// stand in a path (letters, digits, '.', '_', '-' can), or a component's name is taken or reserved.
[[nodiscard]] Product make_product(std::string_view vendor, std::string_view model, std::string_view hardware,
                                   std::vector<ProductComponent> components);
// Throws Failure unless all areas are whole sectors and a slot has room behind its envelope area.
void check_flash(const FlashSettings& flash);
// "NAME", "NAME:image", "NAME:handler" or "NAME:handler=PROGRAM".
[[nodiscard]] ProductComponent parse_component(std::string_view text);

[[nodiscard]] std::string to_toml(const Product& product);
// Throws Failure with the file, and the line where there is one.
[[nodiscard]] Product load_product(const std::filesystem::path& file);
// The class key's private half: FILE with the ending ".key".
[[nodiscard]] std::filesystem::path class_key_file(const std::filesystem::path& product_file);

}  // namespace ferry::host
