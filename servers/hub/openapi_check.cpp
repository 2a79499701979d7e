#include "servers/hub/openapi_check.h"

#include <algorithm>

namespace ferry::hub {
namespace {

using Json = nlohmann::json;

bool is_type(const std::string& type, const Json& value) {
  return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
         (type == "string" && value.is_string()) || (type == "integer" && value.is_number_integer()) ||
         (type == "number" && value.is_number()) || (type == "boolean" && value.is_boolean()) ||
         (type == "null" && value.is_null());
}

bool is_of(const Json& types, const Json& value) {
  if (types.is_string()) {
    return is_type(types.get<std::string>(), value);
  }
  return std::any_of(types.begin(), types.end(),
                     [&value](const Json& type) { return is_type(type.get<std::string>(), value); });
}

// One schema of several that all hold: their members together.
Json merged(const Json& all, const auto& resolve) {
  Json one = {{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
  for (const Json& part : all) {
    const Json& schema = resolve(part);
    one["properties"].update(schema.at("properties"));
    for (const Json& name : schema.value("required", Json::array())) {
      one["required"].push_back(name);
    }
  }
  return one;
}

}  // namespace

const Json& OpenApiCheck::resolved(const Json& schema) const {
  const auto reference = schema.find("$ref");
  return reference == schema.end() ? schema : document_.at(Json::json_pointer(reference->get<std::string>().substr(1)));
}

std::string OpenApiCheck::fault_of_object(const Json& properties, const Json& schema, const Json& value,
                                          const std::string& place) const {
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name.get<std::string>())) {
      return place + " has no " + name.get<std::string>();
    }
  }
  for (const auto& [name, member] : value.items()) {
    const auto known = properties.find(name);
    if (known == properties.end() && !schema.contains("additionalProperties")) {
      return place + "." + name + " is not in the document";
    }
    const Json& of = known == properties.end() ? schema.at("additionalProperties") : *known;
    if (auto wrong = fault(of, member, place + "." + name); !wrong.empty()) {
      return wrong;
    }
  }
  return {};
}

std::string OpenApiCheck::fault_of_array(const Json& schema, const Json& value, const std::string& place) const {
  if (value.size() < schema.value("minItems", 0U) || value.size() > schema.value("maxItems", SIZE_MAX)) {
    return place + " has " + std::to_string(value.size()) + " items";
  }
  for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i) {
    if (auto wrong = fault(schema["items"], value[i], place + "[" + std::to_string(i) + "]"); !wrong.empty()) {
      return wrong;
    }
  }
  return {};
}

std::string OpenApiCheck::fault(const Json& given, const Json& value, const std::string& place) const {
  const Json& schema = resolved(given);
  if (schema.contains("allOf")) {
    return fault(merged(schema["allOf"], [this](const Json& part) -> const Json& { return resolved(part); }), value,
                 place);
  }
  if (schema.contains("type") && !is_of(schema["type"], value)) {
    return place + " is " + value.dump() + ", no " + schema["type"].dump();
  }
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
    return place + " is " + value.dump() + ", none of " + schema["enum"].dump();
  }
  if (value.is_object() && (schema.contains("properties") || schema.contains("additionalProperties"))) {
    return fault_of_object(schema.value("properties", Json::object()), schema, value, place);
  }
  return value.is_array() ? fault_of_array(schema, value, place) : std::string();
}

}  // namespace ferry::hub
