// What each bench prints: measured figures, and beside each that is required what it must be.
#pragma once

#include <string>
#include <vector>

namespace ferry::bench {

enum class Bound : char { kNone, kAtLeast, kAtMost };

struct Row {
  std::string name;
  double reached = 0;
  Bound bound = Bound::kNone;
  double required = 0;
  std::string unit;
  int decimals = 0;

  [[nodiscard]] bool holds() const;
};

// Prints the rows below `title`; returns the program's exit code: 1 where a row does not hold.
[[nodiscard]] int print(const std::string& title, const std::vector<Row>& rows);

}  // namespace ferry::bench
