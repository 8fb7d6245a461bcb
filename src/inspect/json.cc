#include <nlohmann/json.hpp>

#include "inspect/report.h"

namespace weft::inspect {
namespace {

using nlohmann::json;

const char* name_of(Import::State state) {
  switch (state) {
    case Import::State::offered:
      return "offered";
    case Import::State::partly:
      return "partly";
    case Import::State::lacking:
      return "lacking";
    case Import::State::mismatch:
      return "mismatch";
    case Import::State::denied:
      return "denied";
  }
  return "";
}

json modules_of(const Report& report) {
  json modules = json::array();
  for (const Module& module : report.modules) {
    json made = {{"offset", module.offset},
                 {"size", module.size},
                 {"code_size", module.code_size},
                 {"data_size", module.data_size},
                 {"code_hash", hex(module.code_hash)},
                 {"needed", module.is_needed},
                 {"cached", nullptr}};
    if (module.is_cached) made["cached"] = *module.is_cached;
    modules.push_back(std::move(made));
  }
  return modules;
}

json producers_of(const Report& report) {
  json producers = json::object();
  for (const auto& [field, values] : report.producers) {
    json list = json::array();
    for (const auto& [name, version] : values) list.push_back({{"name", name}, {"version", version}});
    producers[field] = std::move(list);
  }
  return producers;
}

}  // namespace

std::string to_json(const Report& report) {
  json imports = json::array();
  for (const Import& import : report.imports) {
    imports.push_back({{"name", import.name}, {"state", name_of(import.state)}, {"detail", import.detail}});
  }
  const Grants& grants = report.manifest.grants;
  const json made = {{"file", report.file},
                     {"size", report.size},
                     {"runs", report.lacks.empty()},
                     {"lacks", report.lacks},
                     {"fails_calling", report.fails_calling},
                     {"imports", std::move(imports)},
                     {"exports", report.exports},
                     {"links", report.links},
                     {"modules", modules_of(report)},
                     {"producers", producers_of(report)},
                     {"needs",
                      {{"allowed_outbound_hosts", grants.outbound_hosts},
                       {"key_value_stores", grants.key_value_stores},
                       {"sqlite_databases", grants.sqlite_databases},
                       {"ai_models", grants.ai_models},
                       {"variables", grants.variables}}},
                     {"manifest", report.manifest.text},
                     {"wit", report.wit}};
  // A file's name may be anything; what is no UTF-8 is replaced.
  return made.dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace weft::inspect
