#include "manifest/upgrade.h"

#include <algorithm>
#include <iterator>

#include "manifest/document.h"
#include "manifest/load.h"
#include "manifest/sections.h"
#include "manifest/write_toml.h"

namespace weft::manifest {

Result<std::string> upgrade_to_version2(std::string_view text) {
  if (text.size() > max_manifest_bytes) return fail(Errc::invalid, "the manifest is too large");
  const auto document = parse_document(text);
  if (!document) return fail(Errc::invalid, document.error().message);
  Report report("", text);
  Value converted = convert_version1(report, *document);
  if (report.failed()) return fail(Errc::invalid, format_all(report.take()));
  auto& root = std::get<Value::Table>(converted.data);
  std::erase_if(root, [](const Member& member) {
    return member.name == "spin_manifest_version" || member.name == "spin_version";
  });
  // As people write it: what it is, what calls it, what it consists of.
  Value::Table ordered;
  for (const std::string_view name : {"application", "variables", "trigger", "component"}) {
    std::ranges::copy_if(root, std::back_inserter(ordered), [&](const Member& member) { return member.name == name; });
    std::erase_if(root, [&](const Member& member) { return member.name == name; });
  }
  root.insert(root.begin(), ordered.begin(), ordered.end());
  return "spin_manifest_version = 2\n" + write_toml(converted);
}

}  // namespace weft::manifest
