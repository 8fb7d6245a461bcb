#include "wast/runner.h"

namespace weft::wast {
namespace {

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

}  // namespace

Counts Runner::run(const Script& script) {
  Counts counts;
  for (const Command& command : script.commands) {
    const Verdict verdict = execute(command);
    switch (verdict.kind) {
      case Verdict::Kind::passed:
        ++counts.passed;
        continue;
      case Verdict::Kind::failed:
        ++counts.failed;
        break;
      case Verdict::Kind::skipped:
        ++counts.skipped;
        break;
    }
    report_(script.source + ":" + std::to_string(command.line) + ": " + command.type + ": " +
            old_names(verdict.message));
  }
  return counts;
}

bool Runner::says(const std::string& message, std::string_view text) const {
  return old_names(message).find(text) != std::string::npos;
}

std::string Runner::old_names(const std::string& text) const {
  return mutation_ == nullptr ? text : mutation_->names().restore(text);
}

Runner::Verdict Runner::execute(const Command& command) {
  using enum Command::Kind;
  switch (command.kind) {
    case module:
      return this->module(command);
    case module_definition:
      return this->module_definition(command);
    case module_instance:
      return this->module_instance(command);
    case register_instance:
      return this->register_instance(command);
    case action: {
      auto outcome = act(command.action);
      return outcome ? Verdict{}
                     : fails("expected " + command.action.field + " to return, got " + outcome.error().message);
    }
    case assert_return:
      return this->assert_return(command);
    case assert_trap:
    case assert_exhaustion:
      return this->assert_trap(command, false);
    case assert_exception:
      return this->assert_trap(command, true);
    case assert_uninstantiable:
      return assert_not_instantiable(command, true);
    case assert_unlinkable:
      return assert_not_instantiable(command, false);
    case assert_invalid:
    case assert_malformed:
      return assert_refused(command);
    case other:
      break;
  }
  return {Verdict::Kind::skipped, "this command is not known"};
}

Runner::Verdict Runner::module(const Command& command) {
  current_ = nullptr;
  auto definition = define_file(command.file);
  if (!definition) return fails("expected a valid module, got " + definition.error());
  return make_current(command.name, **definition);
}

Runner::Verdict Runner::module_definition(const Command& command) {
  last_definition_ = nullptr;
  auto definition = define_file(command.file);
  if (!definition) return fails("expected a valid module, got " + definition.error());
  last_definition_ = *definition;
  if (command.name) definitions_[*command.name] = *definition;
  return {};
}

Runner::Verdict Runner::module_instance(const Command& command) {
  current_ = nullptr;
  std::shared_ptr<Definition> definition = last_definition_;
  if (command.of) {
    const auto found = definitions_.find(*command.of);
    definition = found == definitions_.end() ? nullptr : found->second;
  }
  if (definition == nullptr) return fails("there is no definition " + command.of.value_or(""));
  return make_current(command.name, *definition);
}

Runner::Verdict Runner::make_current(const std::optional<std::string>& name, Definition& definition) {
  auto instance = instantiate(definition);
  if (!instance) return fails("expected an instance, got " + instance.error().message);
  current_ = *std::move(instance);
  if (name) instances_[*name] = current_;
  return {};
}

Runner::Verdict Runner::register_instance(const Command& command) {
  std::shared_ptr<Instance> registered = instance(command.name);
  if (registered == nullptr) return fails("there is no instance " + command.name.value_or(""));
  if (!is_core(*registered)) return {Verdict::Kind::skipped, "components import nothing from other instances"};
  core_->register_as(mutation_ == nullptr ? command.as : mutation_->names().core_name(command.as),
                     std::move(registered));
  return {};
}

Runner::Verdict Runner::assert_return(const Command& command) {
  auto outcome = act(command.action);
  const std::string expected = command.expected.dump();
  if (!outcome) return fails("expected " + expected + ", got " + outcome.error().message);
  if (auto got = (*outcome)->mismatch(command.expected)) return fails("expected " + expected + ", got " + *got);
  return {};
}

Runner::Verdict Runner::assert_trap(const Command& command, bool exception) {
  auto outcome = act(command.action);
  const std::string expected = exception ? "an exception" : "the trap " + in_quotes(command.text);
  if (outcome) return fails("expected " + expected + ", got " + (*outcome)->text());
  const Failure& failure = outcome.error();
  const bool as_expected =
      exception ? failure.exception : failure.trap && says("wasm trap: " + failure.message, command.text);
  if (as_expected) return {};
  return fails("expected " + expected + ", got " + in_quotes(failure.message));
}

Runner::Verdict Runner::assert_not_instantiable(const Command& command, bool trap) {
  auto definition = define_file(command.file);
  if (!definition) return fails("expected a valid module, got " + definition.error());
  auto instance = instantiate(**definition);
  const std::string expected = (trap ? "the trap " : "the linking error ") + in_quotes(command.text);
  if (instance) return fails("expected " + expected + ", got an instance");
  const Failure& failure = instance.error();
  const std::string message = failure.trap ? "wasm trap: " + failure.message : failure.message;
  if (failure.trap == trap && says(message, command.text)) return {};
  return fails("expected " + expected + ", got " + in_quotes(failure.message));
}

// Malformed and invalid are told apart by the command only: where decoding ends and validation begins is not settled
// (Binary.md: "not meant to completely define the decoding or validation rules").
Runner::Verdict Runner::assert_refused(const Command& command) {
  const std::string expected = "the error " + in_quotes(command.text);
  auto bytes = bytes_of(command.file);
  if (!bytes) {
    // It is wasm-tools that refuses malformed text, in its own words.
    if (command.file.text && bytes.error().code() == Errc::invalid) return {};
    return fails(bytes.error().message());
  }
  auto definition = define(engine_, *std::move(bytes));
  if (definition) return fails("expected " + expected + ", got a valid module");
  const Error& refusal = definition.error();
  // Only a fault of the module itself is meant: nothing that weft lacks, no limit of its own.
  if (refusal.code() != Errc::invalid) {
    return fails("expected " + expected + ", got " + std::string(to_string(refusal.code())) + ": " + refusal.message());
  }
  if (says(refusal.message(), command.text)) return {};
  return fails("expected " + expected + ", got " + in_quotes(refusal.message()));
}

std::shared_ptr<Instance> Runner::instance(const std::optional<std::string>& name) const {
  if (!name) return current_;
  const auto found = instances_.find(*name);
  return found == instances_.end() ? nullptr : found->second;
}

Outcome Runner::act(const Action& action) {
  const std::shared_ptr<Instance> actor = instance(action.module);
  if (actor == nullptr) return std::unexpected(Failure{"there is no instance " + action.module.value_or("")});
  if (mutation_ == nullptr) return actor->act(action);
  Action renamed = action;
  renamed.field =
      is_core(*actor) ? mutation_->names().core_name(action.field) : mutation_->names().component_name(action.field);
  return actor->act(renamed);
}

Result<std::vector<std::byte>> Runner::bytes_of(const ModuleFile& file) {
  TRY(auto bytes,
      file.text && !file.binary ? tools_.parse(file.path) : read_bytes(file.text ? *file.binary : file.path));
  return mutation_ == nullptr ? bytes : mutation_->binary(std::move(bytes));
}

std::expected<std::shared_ptr<Definition>, std::string> Runner::define_file(const ModuleFile& file) {
  auto bytes = bytes_of(file);
  if (!bytes) return std::unexpected(bytes.error().message());
  auto definition = define(engine_, *std::move(bytes));
  if (!definition) return std::unexpected(definition.error().message());
  return std::make_shared<Definition>(*std::move(definition));
}

std::expected<std::shared_ptr<Instance>, Failure> Runner::instantiate(Definition& definition) {
  if (const auto* core = std::get_if<CoreDefinition>(&definition)) {
    if (core_ == nullptr) {
      auto world = CoreWorld::create(engine_, time_limit_);
      if (!world) return std::unexpected(Failure{world.error().message()});
      core_ = *std::move(world);
    }
    return core_->instantiate(*core);
  }
  auto linked = link(engine_, std::get<ComponentDefinition>(definition));
  if (!linked) return std::unexpected(Failure{linked.error().message()});
  return wast::instantiate(*std::move(linked), time_limit_, seed_);
}

}  // namespace weft::wast
