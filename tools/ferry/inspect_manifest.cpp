#include "host/manifest_report.h"
#include "host/severed.h"
#include "tools/ferry/inspect.h"

namespace ferry::tool {

std::optional<Json> inspect_manifest(const InspectInput& input) {
  const host::WholeEnvelope whole = host::with_members(input.bytes, host::product_folder(input.file));
  auto report = host::report_manifest(whole.bytes, input.anchors);
  if (!report) {
    return std::nullopt;
  }
  Json document{{"file", input.file.string()}, {"kind", "manifest"}, {"size", input.bytes.size()}};
  for (const host::MemberOnDisk& member : whole.files) {
    document["members"].push_back({{"file", member.path},
                                   {"size", member.size},
                                   {"found", !member.there    ? "missing"
                                             : member.matches ? "as signed"
                                                              : "another one"}});
  }
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
