// JSON against the schemas of the API's document, as far as those go: for tests.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace ferry::hub {

class OpenApiCheck {
 public:
  explicit OpenApiCheck(const nlohmann::json& document) : document_(document) {}

  // What is wrong, by its place; empty: nothing. A member that the schema does not name is wrong, too.
  [[nodiscard]] std::string fault(const nlohmann::json& schema, const nlohmann::json& value,
                                  const std::string& place = "$") const;

 private:
  [[nodiscard]] const nlohmann::json& resolved(const nlohmann::json& schema) const;
  [[nodiscard]] std::string fault_of_object(const nlohmann::json& properties, const nlohmann::json& schema,
                                            const nlohmann::json& value, const std::string& place) const;
  [[nodiscard]] std::string fault_of_array(const nlohmann::json& schema, const nlohmann::json& value,
                                           const std::string& place) const;

  const nlohmann::json& document_;
};

}  // namespace ferry::hub
