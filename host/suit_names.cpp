#include "host/suit_names.h"

#include <array>
#include <fmt/format.h>
#include <span>
#include <string_view>

namespace ferry::host {
namespace {

struct Row {
  std::int64_t number;
  std::string_view name;
  Standing standing = Standing::kUsed;
};

constexpr auto kRefused = Standing::kRefused;

constexpr Row kEnvelopeMembers[] = {
    {2, "authentication-wrapper"},
    {3, "manifest"},
    {14, "coswid", kRefused},
    {15, "dependency-resolution", kRefused},
    {16, "payload-fetch"},
    {18, "candidate-verification", kRefused},
    {20, "install"},
    {23, "text"},
};

constexpr Row kManifestMembers[] = {
    {1, "manifest-version"},
    {2, "sequence-number"},
    {3, "common"},
    {4, "reference-uri"},
    {5, "component-id", kRefused},
    {6, "set-version"},
    {7, "validate"},
    {8, "load"},
    {9, "invoke"},
    {14, "coswid", kRefused},
    {15, "dependency-resolution", kRefused},
    {16, "payload-fetch"},
    {18, "candidate-verification", kRefused},
    {20, "install"},
    {23, "text"},
    {24, "uninstall", kRefused},
};

constexpr Row kCommands[] = {
    {1, "condition-vendor-identifier"},
    {2, "condition-class-identifier"},
    {3, "condition-image-match"},
    {4, "condition-use-before"},
    {5, "condition-component-slot"},
    {6, "condition-check-content"},
    {7, "condition-dependency-integrity", kRefused},
    {8, "condition-is-dependency", kRefused},
    {11, "directive-process-dependency", kRefused},
    {12, "directive-set-component-index"},
    {14, "condition-abort"},
    {15, "directive-try-each"},
    {18, "directive-write"},
    {19, "directive-set-parameters", kRefused},
    {20, "directive-override-parameters"},
    {21, "directive-fetch"},
    {22, "directive-copy"},
    {23, "directive-invoke"},
    {24, "condition-device-identifier"},
    {25, "condition-image-not-match"},
    {26, "condition-minimum-battery"},
    {27, "condition-update-authorized", kRefused},
    {28, "condition-version"},
    {29, "directive-wait", kRefused},
    {31, "directive-swap"},
    {32, "directive-run-sequence"},
    {33, "directive-unlink", kRefused},
    {34, "directive-override-multiple", kRefused},
    {35, "directive-copy-params", kRefused},
};

constexpr Row kParameters[] = {
    {1, "vendor-identifier"},
    {2, "class-identifier"},
    {3, "image-digest"},
    {4, "use-before"},
    {5, "component-slot"},
    {12, "strict-order"},
    {13, "soft-failure"},
    {14, "image-size"},
    {18, "content"},
    {19, "encryption-info"},
    {21, "uri"},
    {22, "source-component"},
    {23, "invoke-args"},
    {24, "device-identifier"},
    {25, "fetch-arguments"},
    {26, "minimum-battery"},
    {27, "update-priority", kRefused},
    {28, "version"},
    {29, "wait-info", kRefused},
    {30, "component-metadata", kRefused},
};

constexpr Row kTextKeys[] = {
    {1, "manifest-description"},
    {2, "update-description"},
    {3, "manifest-json-source"},
    {4, "manifest-yaml-source"},
};

constexpr Row kComponentTextKeys[] = {
    {1, "vendor-name"},           {2, "model-name"},        {3, "vendor-domain"},    {4, "model-info"},
    {5, "component-description"}, {6, "component-version"}, {7, "version-required"},
};

constexpr Row kAlgorithms[] = {
    {-7, "ES256 (deprecated)"},
    {-8, "EdDSA (deprecated)"},
    {-9, "ESP256"},
    {-19, "Ed25519"},
    {-46, "HSS-LMS"},
    {-16, "SHA-256"},
    {-43, "SHA-384"},
    {-44, "SHA-512"},
    {-29, "ECDH-ES+A128KW"},
    {-3, "A128KW"},
    {-5, "A256KW"},
    {-65534, "A128CTR"},
    {-65532, "A256CTR"},
    {1, "A128GCM"},
    {24, "ChaCha20/Poly1305"},
    {5, "HMAC-256"},
};

constexpr Row kComparisons[] = {
    {1, "greater than"}, {2, "at least"}, {3, "equal to"}, {4, "at most"}, {5, "lower than"},
};

SuitName find(std::span<const Row> rows, std::int64_t number) {
  for (const Row& row : rows) {
    if (row.number == number) {
      return {.name = std::string(row.name), .standing = row.standing};
    }
  }
  return {.name = fmt::format("unknown-{}", number), .standing = Standing::kUnknown};
}

}  // namespace

SuitName envelope_member_name(std::int64_t label) {
  return find(kEnvelopeMembers, label);
}
SuitName manifest_member_name(std::int64_t label) {
  return find(kManifestMembers, label);
}
SuitName command_name(std::int64_t command) {
  return find(kCommands, command);
}
SuitName parameter_name(std::int64_t parameter) {
  return find(kParameters, parameter);
}
std::string text_key_name(std::int64_t key) {
  return find(kTextKeys, key).name;
}
std::string component_text_key_name(std::int64_t key) {
  return find(kComponentTextKeys, key).name;
}
std::string comparison_name(std::uint64_t comparison) {
  return find(kComparisons, static_cast<std::int64_t>(comparison)).name;
}

std::string algorithm_name(std::int64_t algorithm) {
  return fmt::format("{} ({})", find(kAlgorithms, algorithm).name, algorithm);
}

bool is_condition(std::int64_t command) {
  return command_name(command).name.starts_with("condition-");
}

}  // namespace ferry::host
