#include <cmath>
#include <nlohmann/json.hpp>

#include "servers/hub/senml.h"

namespace ferry::hub {
namespace {

using Json = nlohmann::json;

// Nothing in a pack is nested deeper than a value in a record in the pack, and a record of ours has a dozen members:
// the parser stops at the first that is too much, before it has built anything from it.
constexpr int kDepth = 3;

bool take_text(const Json& value, std::size_t limit, std::optional<std::string>& field) {
  if (!value.is_string() || value.get_ref<const std::string&>().size() > limit ||
      value.get_ref<const std::string&>().find('\0') != std::string::npos) {
    return false;
  }
  field = value.get<std::string>();
  return true;
}

bool take_number(const Json& value, std::optional<double>& field) {
  if (!value.is_number()) {
    return false;
  }
  field = value.get<double>();
  return true;
}

bool take_boolean(const Json& value, std::optional<double>& field) {
  if (!value.is_boolean()) {
    return false;
  }
  field = value.get<bool>() ? 1 : 0;
  return true;
}

bool is_known_version(const Json& value) {
  return value.is_number_unsigned() && value.get<std::uint64_t>() > 0 && value.get<std::uint64_t>() <= kSenmlVersion;
}

bool take_value(const std::string& label, const Json& value, SenmlRecord& record) {
  if (label == "v" || label == "vb" || label == "vs" || label == "vd") {
    if (record.value || record.text) {  // one value a record
      return false;
    }
    if (label == "v") {
      return take_number(value, record.value);
    }
    return label == "vb" ? take_boolean(value, record.value) : take_text(value, kMaxText, record.text);
  }
  if (label == "s") {
    return value.is_number();
  }
  return !label.ends_with('_');
}

bool take(const std::string& label, const Json& value, SenmlRecord& record) {
  if (label == "bn") {
    return take_text(value, kMaxName, record.base_name);
  }
  if (label == "bu") {
    return take_text(value, kMaxUnit, record.base_unit);
  }
  if (label == "n") {
    return take_text(value, kMaxName, record.name);
  }
  if (label == "u") {
    return take_text(value, kMaxUnit, record.unit);
  }
  if (label == "bt") {
    return take_number(value, record.base_time);
  }
  if (label == "bv") {
    return take_number(value, record.base_value);
  }
  if (label == "t") {
    return take_number(value, record.time);
  }
  return label == "bver" ? is_known_version(value) : take_value(label, value, record);
}

}  // namespace

Understood<std::vector<SenmlRecord>> read_senml_json(ByteView pack) {
  bool too_deep = false;
  const auto watch = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDepth;
    return !too_deep;
  };
  const Json document = Json::parse(pack.begin(), pack.end(), watch, false);
  if (too_deep || !document.is_array() || document.empty()) {
    return tl::unexpected(Refusal::kMalformed);
  }
  if (document.size() > kMaxRecords) {
    return tl::unexpected(Refusal::kTooMany);
  }
  std::vector<SenmlRecord> records;
  for (const Json& entry : document) {
    SenmlRecord& record = records.emplace_back();
    if (!entry.is_object()) {
      return tl::unexpected(Refusal::kMalformed);
    }
    for (const auto& [label, value] : entry.items()) {
      if (!take(label, value, record)) {
        return tl::unexpected(Refusal::kMalformed);
      }
    }
  }
  return records;
}

}  // namespace ferry::hub
