#include "host/product.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <limits>
#include <sstream>
#include <toml++/toml.h>

#include "device/slots/layout.h"
#include "host/failure.h"
#include "host/files.h"
#include "host/manifest_builder.h"
#include "host/uuid.h"

namespace ferry::host {
namespace {

constexpr std::size_t kMaxName = 40;
constexpr std::size_t kMaxComponentName = 24;

bool stands_in_path(std::string_view name) {
  const auto good = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kMaxName && std::all_of(name.begin(), name.end(), good) &&
         name.find("..") == std::string_view::npos && name.front() != '.' && name.front() != '-';
}

void check_name(std::string_view name, std::string_view what) {
  if (!stands_in_path(name)) {
    throw Failure("{} '{}': use 1 to {} letters, digits, '.', '_' or '-', beginning with a letter or digit", what, name,
                  kMaxName);
  }
}

void check_components(const std::vector<ProductComponent>& components) {
  if (components.size() + 1 > kMaxReleaseComponents) {
    throw Failure("{} components besides the application; at most {} are possible", components.size(),
                  kMaxReleaseComponents - 1);
  }
  for (std::size_t i = 0; i < components.size(); ++i) {
    check_name(components[i].name, "component");
    if (components[i].name.size() < 2 || components[i].name.size() > kMaxComponentName) {
      throw Failure("component '{}': use 2 to {} characters", components[i].name, kMaxComponentName);
    }
    const auto same = [&](const ProductComponent& other) { return other.name == components[i].name; };
    if (components[i].name == "app" || std::count_if(components.begin(), components.end(), same) > 1) {
      throw Failure("component '{}': the name is taken; give each its own ('app' is the application)",
                    components[i].name);
    }
  }
}

// toml++ gives a value or nothing; what is wrong is said in one line.
class Reader {
 public:
  Reader(const toml::table& table, std::string file) : table_(table), file_(std::move(file)) {}

  [[nodiscard]] std::string text(std::string_view path) const {
    const auto value = table_.at_path(path).value<std::string>();
    if (!value) {
      throw Failure("{}: {} is missing or no text; make a product file with: ferry product new", file_, path);
    }
    return *value;
  }
  [[nodiscard]] std::uint32_t size(std::string_view path, std::uint32_t otherwise) const {
    if (!table_.at_path(path)) {
      return otherwise;
    }
    const auto value = table_.at_path(path).value<std::int64_t>();
    if (!value || *value <= 0 || *value > std::numeric_limits<std::uint32_t>::max()) {
      throw Failure("{}: {} is no size in bytes", file_, path);
    }
    return static_cast<std::uint32_t>(*value);
  }
  [[nodiscard]] bool flag(std::string_view path, bool otherwise) const {
    if (!table_.at_path(path)) {
      return otherwise;
    }
    const auto value = table_.at_path(path).value_exact<bool>();
    if (!value) {
      throw Failure("{}: {} is neither true nor false", file_, path);
    }
    return *value;
  }
  [[nodiscard]] Uuid uuid(std::string_view path) const {
    const auto id = parse_uuid(text(path));
    if (!id) {
      throw Failure("{}: {} is no UUID", file_, path);
    }
    return *id;
  }
  [[nodiscard]] const toml::table& table() const { return table_; }
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  const toml::table& table_;
  std::string file_;
};

ComponentKind parse_kind(std::string_view kind, std::string_view where) {
  if (kind == "image") {
    return ComponentKind::kImage;
  }
  if (kind == "handler") {
    return ComponentKind::kHandler;
  }
  throw Failure("{}: kind '{}' is neither 'image' nor 'handler'", where, kind);
}

std::vector<ProductComponent> read_components(const Reader& reader) {
  std::vector<ProductComponent> components;
  const toml::array* list = reader.table().get_as<toml::array>("component");
  if (list == nullptr) {
    return components;
  }
  for (const toml::node& node : *list) {
    if (!node.is_table()) {
      throw Failure("{}: a component is written as [[component]]", reader.file());
    }
    const Reader entry(*node.as_table(), reader.file());
    components.push_back({.name = entry.text("name"),
                          .kind = parse_kind(entry.text("kind"), reader.file()),
                          .program = node.as_table()->get("program") != nullptr ? entry.text("program") : ""});
  }
  return components;
}

SlotKind parse_slots(const std::string& text, const std::string& file) {
  if (text == "either") {
    return SlotKind::kEither;
  }
  if (text == "linked") {
    return SlotKind::kLinked;
  }
  throw Failure("{}: slots '{}' is neither 'either' nor 'linked'", file, text);
}

FlashSettings read_flash(const Reader& reader) {
  const FlashSettings defaults;
  return {.sector_size = reader.size("flash.sector_size", defaults.sector_size),
          .slot_size = reader.size("flash.slot_size", defaults.slot_size),
          .staging_size = reader.size("flash.staging_size", defaults.staging_size),
          .second_size = reader.size("flash.second_size", defaults.second_size)};
}

toml::table parse_toml(const std::filesystem::path& file) {
  try {
    return toml::parse(read_text_file(file), file.string());
  } catch (const toml::parse_error& error) {
    throw Failure("{}: line {}: not TOML: {}", file.string(), error.source().begin.line, error.description());
  }
}

std::string toml_text(std::string_view text) {
  const toml::value<std::string> value{std::string(text)};
  std::ostringstream out;
  out << toml::toml_formatter(value, toml::toml_formatter::default_flags & ~toml::format_flags::allow_literal_strings);
  return out.str();
}

}  // namespace

Product make_product(std::string_view vendor, std::string_view model, std::string_view hardware,
                     std::vector<ProductComponent> components) {
  Product product;
  std::transform(vendor.begin(), vendor.end(), std::back_inserter(product.vendor),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  check_name(product.vendor, "vendor");
  if (product.vendor.find('.') == std::string::npos) {
    throw Failure("vendor '{}': give a domain name that is yours, such as acme.example", vendor);
  }
  check_name(model, "model");
  check_name(hardware, "hardware");
  check_components(components);
  product.model = model;
  product.hardware = hardware;
  product.path = fmt::format("{}/{}/{}", product.vendor, model, hardware);
  product.vendor_id = uuid_v5(kDnsNamespace, product.vendor);
  product.class_id = uuid_v5(product.vendor_id, fmt::format("{}/{}", model, hardware));
  product.components = std::move(components);
  return product;
}

void check_flash(const FlashSettings& flash) {
  constexpr std::uint32_t kMaxSector = 1U << 20;
  if (!std::has_single_bit(flash.sector_size) || flash.sector_size < 256 || flash.sector_size > kMaxSector) {
    throw Failure("sector size {}: a power of two from 256 to {}", flash.sector_size, kMaxSector);
  }
  for (const std::uint32_t size : {flash.slot_size, flash.staging_size, flash.second_size}) {
    if (size == 0 || size % flash.sector_size != 0 || size > 1U << 30) {
      throw Failure("an area of {} bytes is not whole sectors of {} up to 1 GiB", size, flash.sector_size);
    }
  }
  if (flash.slot_size <= std::max(Layout::kEnvelopeSize, flash.sector_size)) {
    throw Failure("a slot of {} bytes has no room behind the {} for its envelope", flash.slot_size,
                  Layout::kEnvelopeSize);
  }
}

ProductComponent parse_component(std::string_view text) {
  const std::size_t colon = text.find(':');
  ProductComponent component;
  component.name = text.substr(0, colon);
  if (colon == std::string_view::npos) {
    return component;
  }
  const std::string_view rest = text.substr(colon + 1);
  const std::size_t equals = rest.find('=');
  component.kind = parse_kind(rest.substr(0, equals), component.name);
  if (equals != std::string_view::npos) {
    component.program = rest.substr(equals + 1);
  }
  return component;
}

std::string to_toml(const Product& product) {
  std::string text = fmt::format(
      "# A product of Ferry. No secret is in here; the class key's private half is in the .key file beside.\n"
      "[product]\nvendor = {}\nmodel = {}\nhardware = {}\npath = {}\nvendor_id = \"{}\"\nclass_id = \"{}\"\n"
      "slots = \"{}\"  # either: one image runs in both slots; linked: one image for each slot\n"
      "packed = {}  # true: devices unpack compressed images of the application\n"
      "class_key = '''\n{}'''\n\n",
      toml_text(product.vendor), toml_text(product.model), toml_text(product.hardware), toml_text(product.path),
      to_string(product.vendor_id), to_string(product.class_id),
      product.slots == SlotKind::kEither ? "either" : "linked", product.packed,
      EcPublicKey::from_point(product.class_key).to_pem());
  text += fmt::format(
      "[flash]  # bytes; for ports that lay out flash from settings\n"
      "sector_size = {}\nslot_size = {}\nstaging_size = {}\nsecond_size = {}\n",
      product.flash.sector_size, product.flash.slot_size, product.flash.staging_size, product.flash.second_size);
  for (const ProductComponent& component : product.components) {
    text += fmt::format("\n[[component]]\nname = {}\nkind = \"{}\"\nprogram = {}\n", toml_text(component.name),
                        component.kind == ComponentKind::kImage ? "image" : "handler", toml_text(component.program));
  }
  return text;
}

Product load_product(const std::filesystem::path& file) {
  const toml::table table = parse_toml(file);
  const Reader reader(table, file.string());
  const std::string vendor = reader.text("product.vendor");
  const std::string model = reader.text("product.model");
  const std::string hardware = reader.text("product.hardware");
  Product product = make_product(vendor, model, hardware, read_components(reader));
  // The ids and the path follow from the names; a file that says otherwise was edited by half.
  if (reader.uuid("product.vendor_id") != product.vendor_id || reader.uuid("product.class_id") != product.class_id ||
      reader.text("product.path") != product.path) {
    throw Failure("{}: ids or path do not belong to vendor, model and hardware; make a new one with: ferry product new",
                  file.string());
  }
  product.class_key = EcPublicKey::from_pem(reader.text("product.class_key"), file.string() + ": class_key").point();
  product.slots = parse_slots(reader.text("product.slots"), file.string());
  product.packed = reader.flag("product.packed", false);
  product.flash = read_flash(reader);
  check_flash(product.flash);
  return product;
}

std::filesystem::path class_key_file(const std::filesystem::path& product_file) {
  return std::filesystem::path(product_file).replace_extension(".key");
}

}  // namespace ferry::host
