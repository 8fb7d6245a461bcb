#include "cli/call.h"

#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "call/arguments.h"
#include "call/describe.h"
#include "call/functions.h"
#include "call/json_text.h"
#include "call/signatures.h"
#include "call/to_json.h"
#include "call/value_call.h"
#include "cli/application.h"
#include "cli/lone_component.h"
#include "cli/run_options.h"
#include "command/command_grants.h"
#include "command/run_command.h"
#include "component/composition.h"
#include "inspect/world.h"
#include "wit/names.h"

namespace weft::cli {
namespace {

constexpr const char* help =
    "FILE is a component, FUNCTION one that it exports: INTERFACE#NAME, as far as that is clear, or NAME. Each ARG is "
    "a\n"
    "JSON value for a parameter, or one is all of them: an object with the parameters' names, or an array. - reads "
    "JSON\n"
    "from standard input. The result is printed as JSON; what the function prints goes to standard error. It has what "
    "it\n"
    "is granted and nothing else, as with weft run.\n\n"
    "Examples:\n"
    "  %weft call calc.wasm --list\n"
    "  %weft call calc.wasm add 2 3\n"
    "  %weft call shop.wasm 'acme:shop/cart@1.0.0#total' '{\"items\": [{\"name\": \"tea\", \"price\": 3.5}]}'\n"
    "  %weft call users.wasm users#find '\"ada\"' | jq .email\n"
    "  %weft call --dir data::/data:ro --timeout 5 index.wasm search - < query.json\n\n"
    "JSON of WIT's types: records are objects, lists and tuples arrays, variants \"case\" or {\"case\": value}, enums\n"
    "\"case\", flags arrays of names, options null or the value, results {\"ok\": value} or {\"err\": value}, bytes "
    "arrays or\n"
    "{\"base64\": \"...\"}, 64-bit integers numbers (or, as arguments, decimal strings).\n\n"
    "Exit codes:\n"
    "  0    it returned; with --fail: and returned no error\n"
    "  1    it failed: a trap, a limit, or it could not be loaded; standard error says why. With --fail also {\"err\": "
    "...}\n"
    "  2    the command line is not understood: the function or an argument is not what the component has\n"
    "  130  ended by Ctrl-C (143 by SIGTERM)";

struct CallOptions {
  RunOptions run;
  std::vector<std::string> words;  // FILE, FUNCTION and ARGS
  bool list = false;
  bool as_json = false;
  bool fail = false;
  call::Bytes bytes = call::Bytes::array;
};

// What follows the options is not for the parser: it would take arrays apart.
class CallFormatter final : public CLI::Formatter {
  std::string make_usage(const CLI::App*, std::string name) const override {
    return "Usage: " + name + " [OPTIONS] FILE FUNCTION [ARGS...]\n       " + name + " FILE --list\n";
  }
};

int usage(const std::string& message) {
  complain(message);
  return exit_usage;
}

int list(const CallOptions& options) {
  const std::string& file = options.words.front();
  const auto print = [&]() -> Result<void> {
    TRY(auto bytes, read_component_file(file));
    TRY(const auto face, inspect::read_face(std::move(bytes)));
    // The least that says what is exported: nothing is compiled.
    TRY(const auto plan, component::make_plan(*face.whole, face.composition));
    const call::Signatures signatures(inspect::world_of(face));
    auto all = nlohmann::ordered_json::array();
    std::string text;
    for (const call::Function& function : call::functions_of(*plan)) {
      const std::string signature = signatures.of(function);
      all.push_back(call::described(function, signature));
      text += function.full_name() + ": " + signature;
      if (!function.refusal.empty()) text += "  // not with JSON: " + function.refusal;
      text += "\n";
    }
    const std::string out = options.as_json ? all.dump(2) + "\n" : wit::printable(text);
    std::fwrite(out.data(), 1, out.size(), stdout);
    return {};
  };
  if (const auto printed = print(); !printed) {
    complain(Error(printed.error()).context(file).message());
    return exit_failed;
  }
  return exit_done;
}

Result<std::string> read_input() {
  std::string text;
  char piece[16 << 10];
  while (const std::size_t read = std::fread(piece, 1, sizeof piece, stdin)) {
    text.append(piece, read);
    if (text.size() > call::max_json_bytes)
      return fail(Errc::limit, "standard input has more than " + std::to_string(call::max_json_bytes) + " bytes");
  }
  return text;
}

// Whether a word without quotes was likely meant as one of its values.
bool is_text(const abi::Type& type) {
  return type.kind == abi::Kind::string || type.kind == abi::Kind::character || type.kind == abi::Kind::enumeration ||
         type.kind == abi::Kind::variant;
}

call::Read<abi::Value> read_arguments(std::span<const std::string> words, const abi::FuncType& type) {
  std::vector<nlohmann::json> values;
  bool has_read_input = false;
  for (const std::string& word : words) {
    const std::string number = words.size() == 1 ? "" : " " + std::to_string(values.size() + 1);
    const bool is_input = word == "-";
    if (is_input && std::exchange(has_read_input, true)) return call::mistaken("- stands twice among the arguments");
    const auto text = is_input ? read_input() : word;
    if (!text) return call::mistaken(text.error().message());
    auto value = call::read_json(*text);
    if (!value) {
      std::string message = (is_input ? "standard input is " : "argument" + number + " is ") + value.error().message();
      const auto& params = type.params->fields;
      if (!is_input && values.size() < params.size() && is_text(*params[values.size()].type))
        message += "; text has quotes in JSON: '" +
                   nlohmann::json(word).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "'";
      return call::mistaken(std::move(message));
    }
    values.push_back(*std::move(value));
  }
  if (values.size() == 1) return call::arguments_of(values.front(), type);
  return call::arguments_of(std::span<const nlohmann::json>(values), type);
}

std::string signature_of(const LoneComponent& lone, const call::Function& function) {
  const auto world = inspect::world_of(lone.bytes);
  const std::string type = world ? call::Signatures(*world).of(function) : abi::to_string(*function.type);
  return wit::printable(function.full_name() + ": " + type);
}

// How it ended, and what it returned.
int conclude(const CallOptions& options, const call::Function& function, const command::Ended& ended,
             const call::ValueCall& made) {
  const std::string& name = function.full_name();
  if (!ended.fault.empty()) {
    complain(name + ": " + ended.fault);
    return exit_failed;
  }
  if (ended.exited || !made.returned) {
    complain(name + (ended.exited ? ": it ended the program, with status " + std::to_string(ended.status)
                                  : std::string(": it ended without returning")));
    return exit_failed;
  }
  const abi::TypeRef type = function.type->result;
  if (type == nullptr) return exit_done;
  auto text = call::to_json(*made.result, type, options.bytes);
  if (!text) {
    complain(name + ": " + text.error().message());
    return exit_failed;
  }
  *text += '\n';
  const bool written = std::fwrite(text->data(), 1, text->size(), stdout) == text->size() && std::fflush(stdout) == 0;
  if (!written) {
    complain(name + ": its result could not be written");
    return exit_failed;
  }
  const auto* variant = made.result->as<abi::Variant>();
  const bool is_error = type->kind == abi::Kind::result && variant->case_index == 1;
  return is_error && options.fail ? exit_failed : exit_done;
}

int load_and_call(const CallOptions& options) {
  const std::string& file = options.words.front();
  const auto failed = [](const Error& error) {
    complain(error.message());
    return exit_failed;
  };
  auto grants = command::CommandGrants::create(options.run.outbound, options.run.listen);
  if (!grants) return failed(grants.error());
  RunOptions run = options.run;
  run.command = {file};
  auto setup = wasi_setup(run);
  if (!setup) return failed(setup.error());
  const auto lone = LoneComponent::load(file, run.code, tell);
  if (!lone) return failed(lone.error());
  const component::LinkedComponent& linked = *(*lone)->live->current();
  const auto functions = call::functions_of(linked.plan());
  const auto found = call::find_function(functions, options.words[1]);
  if (!found) return usage(file + ": " + found.error().message());
  const call::Function& function = **found;
  if (!function.refusal.empty()) return failed(call::refused(function));
  auto arguments = read_arguments(std::span(options.words).subspan(2), *function.type);
  if (!arguments) return usage(arguments.error().text() + "\n  " + signature_of(**lone, function));
  for (const std::string& line : linked.fails_calling()) tell(file + " runs, but fails when it calls what it " + line);
  const command::CommandOptions how{.name = file,
                                    .grants = grants->get(),
                                    .limits = limits_of(run),
                                    .wasi = *std::move(setup),
                                    .log = tell,
                                    .prints_to_error = true};
  call::ValueCall made(*std::move(arguments));
  const auto ended = command::run_function(*(*lone)->engine, (*lone)->live->current(), function.func, made, how);
  if (!ended) return failed(ended.error());
  return conclude(options, function, *ended, made);
}

int run(const CallOptions& options) {
  for (const std::string& word : options.words) {
    const bool is_number = word.size() > 1 && word[1] >= '0' && word[1] <= '9';
    std::error_code none;
    if (word.size() > 1 && word.starts_with('-') && !is_number && !std::filesystem::exists(word, none))
      return usage("there is no option " + word + "; --help has those that there are");
  }
  if (options.words.empty()) return usage("what is to be called? weft call FILE FUNCTION [ARGS...]; --help says more");
  if (const std::string& file = options.words.front(); is_application(file)) {
    complain(file + " is an application and no component: weft call takes a .wasm file");
    return exit_failed;
  }
  if (options.list) return options.words.size() == 1 ? list(options) : usage("--list takes a file and no function");
  if (options.as_json) return usage("--json goes with --list");
  if (options.words.size() == 1)
    return usage("which function? weft call " + options.words.front() + " --list prints those that there are");
  return load_and_call(options);
}

}  // namespace

Command call_command(CLI::App& program) {
  auto options = std::make_shared<CallOptions>();
  const std::string name = program.get_name();
  CLI::App* app = program.add_subcommand("call", "Call an exported function of a component with JSON");
  app->allow_extras();
  app->formatter(std::make_shared<CallFormatter>());
  app->add_flag("-l,--list", options->list, "List the functions that the component exports, as WIT");
  app->add_flag("--json", options->as_json, "With --list: for programs, with the types written out");
  app->add_flag("--fail", options->fail, "Exit with 1 when the function returns an error: {\"err\": ...}");
  app->add_option("--bytes", options->bytes, "How a list<u8> is printed: array, or base64 for {\"base64\": \"...\"}")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, call::Bytes>{{"array", call::Bytes::array}, {"base64", call::Bytes::base64}}))
      ->option_text("array|base64");
  add_to(*app, options->run);
  app->footer(with_program_name(help, name));
  return {app, [options, app] {
            options->words = app->remaining();
            return run(*options);
          }};
}

}  // namespace weft::cli
