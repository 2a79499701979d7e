#include "bench/table.h"

#include <algorithm>
#include <fmt/format.h>

namespace ferry::bench {
namespace {

std::string requirement(const Row& row) {
  if (row.bound == Bound::kNone) {
    return "";
  }
  return fmt::format("{} {:.{}f}", row.bound == Bound::kAtLeast ? ">=" : "<=", row.required, row.decimals);
}

std::string judgement(const Row& row) {
  if (row.bound == Bound::kNone) {
    return "";
  }
  return row.holds() ? "ok" : "FAILED";
}

}  // namespace

bool Row::holds() const {
  return bound == Bound::kNone || (bound == Bound::kAtLeast ? reached >= required : reached <= required);
}

int print(const std::string& title, const std::vector<Row>& rows) {
  std::size_t width = title.size();
  for (const Row& row : rows) {
    width = std::max(width, row.name.size());
  }
  fmt::print("{:<{}}  {:>12}  {:>12}  {:<8}\n", title, width, "reached", "required", "unit");
  bool all = true;
  for (const Row& row : rows) {
    all = all && row.holds();
    fmt::print("{:<{}}  {:>12.{}f}  {:>12}  {:<8}{}\n", row.name, width, row.reached, row.decimals, requirement(row),
               row.unit, judgement(row));
  }
  return all ? 0 : 1;
}

}  // namespace ferry::bench
