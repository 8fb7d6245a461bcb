#include "trigger/function_api.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "call/arguments.h"
#include "call/describe.h"
#include "call/json_text.h"
#include "call/signatures.h"
#include "inspect/world.h"
#include "wit/names.h"

namespace weft::trigger {
namespace {

using Answer = FunctionApi::Answer;
using nlohmann::ordered_json;

constexpr const char* json_type = "application/json";

std::string dump(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Answer answer(unsigned status, const ordered_json& json) {
  return {.status = status, .type = json_type, .body = dump(json), .allow = nullptr};
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Absent: malformed.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3 || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(digit(text[i + 1]) << 4 | digit(text[i + 2]));
    i += 2;
  }
  return out;
}

// With where it is.
ordered_json entry(const call::Function& function, const std::string& signature) {
  ordered_json made;
  made["path"] = "/" + function.full_name('/');
  made.update(call::described(function, signature));
  return made;
}

}  // namespace

Result<std::shared_ptr<const FunctionApi>> FunctionApi::create(std::shared_ptr<const std::vector<std::byte>> bytes,
                                                               const component::LinkPlan& plan) {
  TRY(const auto world, inspect::world_of(std::move(bytes)));
  const call::Signatures signatures(world);
  std::shared_ptr<FunctionApi> api(new FunctionApi(call::functions_of(plan)));
  if (api->functions_.empty()) return fail(Errc::invalid, "exports no functions: there is nothing to call");
  ordered_json all = ordered_json::array();
  for (const call::Function& function : api->functions_) {
    const std::string& signature = api->signatures_.emplace_back(wit::printable(signatures.of(function)));
    all.push_back(entry(function, signature));
    api->text_ += "POST /" + function.full_name('/') + "\n  " + signature +
                  (function.refusal.empty() ? "" : "  // not with JSON: " + function.refusal) + "\n";
  }
  api->list_ = dump({{"functions", std::move(all)}});
  api->text_ = wit::printable(api->text_);
  return api;
}

Answer FunctionApi::listing(bool for_people) const {
  if (for_people) return {.status = 200, .type = "text/plain; charset=utf-8", .body = text_, .allow = nullptr};
  return {.status = 200, .type = json_type, .body = list_, .allow = nullptr};
}

std::expected<const call::Function*, Answer> FunctionApi::find(std::string_view path) const {
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto name = percent_decoded(path);
  auto found =
      name ? call::find_function(functions_, *name, '/')
           : Result<const call::Function*>(fail(Errc::not_found, "the path is malformed: " + std::string(path)));
  if (found) return *found;
  ordered_json said;
  said["error"] = found.error().message();
  for (const call::Function& each : functions_) said["functions"].push_back("/" + each.full_name('/'));
  return std::unexpected(answer(404, said));
}

Answer FunctionApi::described(const call::Function& function) const {
  return answer(200, entry(function, signatures_[static_cast<std::size_t>(&function - functions_.data())]));
}

std::expected<abi::Value, Answer> FunctionApi::arguments(const call::Function& function, std::string_view body) const {
  const auto wrong = [&](unsigned status, const std::string& message, const std::string& path) {
    ordered_json said;
    said["error"] = message;
    if (!path.empty()) said["path"] = path;
    said["function"] = function.full_name();
    said["wit"] = signatures_[static_cast<std::size_t>(&function - functions_.data())];
    return std::unexpected(answer(status, said));
  };
  if (!function.refusal.empty()) return wrong(501, call::refused(function).message(), "");
  const auto json = call::read_json(body.empty() ? "[]" : body);
  if (!json) return wrong(json.error().code() == Errc::limit ? 413 : 400, "the body is " + json.error().message(), "");
  auto made = call::arguments_of(*json, *function.type);
  if (!made) return wrong(400, made.error().text(), "$" + made.error().path);
  return *std::move(made);
}

std::string error_json(std::string_view message) {
  return dump({{"error", std::string(message)}});
}

}  // namespace weft::trigger
