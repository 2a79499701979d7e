// The target of a request, taken apart.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::hub {

// What a client did wrong; its text is for the client.
class BadRequest : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Target {
  std::vector<std::string> path;             // segments, percent escapes resolved
  std::map<std::string, std::string> query;  // likewise
};

// Throws BadRequest: no leading '/', broken escapes, a parameter twice or without a name.
[[nodiscard]] Target parse_target(std::string_view target);

// Takes parameters out of a query by type. Throws BadRequest, naming the parameter.
class QueryReader {
 public:
  explicit QueryReader(std::map<std::string, std::string> query) : query_(std::move(query)) {}

  [[nodiscard]] std::string text(const std::string& name);
  [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t absent, std::int64_t least,
                                     std::int64_t most);
  [[nodiscard]] std::optional<double> number(const std::string& name);
  [[nodiscard]] std::optional<bool> flag(const std::string& name);  // "true" or "false"
  // After the last of them: whatever is left is not known.
  void finish() const;

 private:
  [[nodiscard]] std::optional<std::string> take(const std::string& name);

  std::map<std::string, std::string> query_;
};

}  // namespace ferry::hub
