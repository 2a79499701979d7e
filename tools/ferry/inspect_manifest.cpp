#include "host/manifest_report.h"
#include "tools/ferry/inspect.h"

namespace ferry::tool {

std::optional<Json> inspect_manifest(const InspectInput& input) {
  auto report = host::report_manifest(input.bytes, input.anchors);
  if (!report) {
    return std::nullopt;
  }
  Json document{{"file", input.file.string()}, {"kind", "manifest"}, {"size", input.bytes.size()}};
  document["accepted"] = report->refusals.empty();
  if (!report->refusals.empty()) {
    document["refusals"] = report->refusals;
  }
  if (!report->notes.empty()) {
    document["notes"] = report->notes;
  }
  document.update(report->document);
  return document;
}

}  // namespace ferry::tool
