#include "manifest/key_value_config.h"

#include <utility>

#include "manifest/identifier.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

// Of one application; each may have threads of its own.
constexpr std::size_t max_stores = 256;

void read_store(Report& report, const Member& member, const std::filesystem::path& folder,
                std::vector<KeyValueStoreConfig>& stores) {
  const std::string key = join_key("key_value_store", member.name);
  if (!is_label(member.name)) {
    report.error(member.at, key, compose("`{}` is not a label", member.name), "use kebab-case or snake_case");
    return;
  }
  if (member.value.get<Value::Table>() == nullptr) {
    report_type(report, member.value, key, "a table");
    return;
  }
  TableReader reader(report, member.value, key);
  KeyValueStoreConfig config{.label = member.name, .store = SpinKeyValueStore{}, .at = member.at};
  const auto type = reader.required_string("type", "add type = \"spin\" or type = \"redis\"");
  if (type.value.empty()) return;
  if (type.value == "spin") {
    SpinKeyValueStore store;
    if (auto path = reader.string("path")) {
      if (path->value.empty()) reader.error("path", "`path` is empty", "name a file, or leave `path` out: in memory");
      store.path = (folder / path->value).lexically_normal();
    }
    config.store = std::move(store);
    reader.finish();
  } else if (type.value == "redis") {
    auto url = reader.required_string("url", "add url = \"redis://localhost:6379\"");
    config.store = RedisKeyValueStore{weft::Secret(std::move(url.value))};
    reader.finish();
  } else if (type.value == "azure_cosmos" || type.value == "aws_dynamo") {
    config.store = OtherKeyValueStore{type.value};
  } else {
    reader.error("type", "unknown type of store", "one of: \"spin\", \"redis\", \"azure_cosmos\", \"aws_dynamo\"");
    return;
  }
  stores.push_back(std::move(config));
}

}  // namespace

std::vector<KeyValueStoreConfig> read_key_value_stores(TableReader& root, const std::filesystem::path& folder) {
  std::vector<KeyValueStoreConfig> stores;
  const Member* table = root.table("key_value_store");
  if (table == nullptr) return stores;
  const auto& members = *table->value.get<Value::Table>();
  if (members.size() > max_stores) {
    root.error("key_value_store", compose("more than {} stores", max_stores), "split the application");
    return stores;
  }
  for (const Member& member : members) read_store(root.report(), member, folder, stores);
  return stores;
}

}  // namespace weft::manifest
