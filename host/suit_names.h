// The names of SUIT's and COSE's numbers, for people.
#pragma once

#include <cstdint>
#include <string>

namespace ferry::host {

// What Ferry's profile does with a number.
enum class Standing {
  kUsed,     // in Ferry's profile
  kRefused,  // known to the drafts, refused by Ferry
  kUnknown,
};

struct SuitName {
  std::string name;  // of the drafts, without the "suit-" and the kind; "unknown-NUMBER" otherwise
  Standing standing = Standing::kUnknown;
};

[[nodiscard]] SuitName envelope_member_name(std::int64_t label);
[[nodiscard]] SuitName manifest_member_name(std::int64_t label);
[[nodiscard]] SuitName command_name(std::int64_t command);
[[nodiscard]] SuitName parameter_name(std::int64_t parameter);
[[nodiscard]] std::string text_key_name(std::int64_t key);
[[nodiscard]] std::string component_text_key_name(std::int64_t key);
[[nodiscard]] std::string algorithm_name(std::int64_t algorithm);
[[nodiscard]] std::string comparison_name(std::uint64_t comparison);
[[nodiscard]] bool is_condition(std::int64_t command);

}  // namespace ferry::host
