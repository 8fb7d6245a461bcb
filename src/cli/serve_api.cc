#include "cli/serve_api.h"

#include <memory>
#include <string>

#include "cli/serving_options.h"
#include "cli/up.h"

namespace weft::cli {
namespace {

// Arguments are read whole before anything runs.
constexpr std::uint64_t default_body_bytes = std::uint64_t{4} << 20;

constexpr const char* help =
    "  %weft serve-api calc.wasm --listen 127.0.0.1:3000\n"
    "  curl http://127.0.0.1:3000/                                   what can be called\n"
    "  curl http://127.0.0.1:3000/acme:calc/math/add -d '{\"a\": 2, \"b\": 3}'\n"
    "  curl http://127.0.0.1:3000/math/add -d '[2, 3]'                as short as is clear\n"
    "  %weft serve-api -f app/spin.toml                               with what its manifest grants\n\n"
    "POST /INTERFACE/FUNCTION calls a function in an instance of its own, with JSON as of weft call; GET describes "
    "it.\n"
    "  200  its result, also {\"err\": ...}; 204 if it has none\n"
    "  400  the JSON is not its arguments; the answer has the path of the mistake\n"
    "  403  asked by a page of another site; 404 there is no such function; 405 neither POST nor GET\n"
    "  413  more than --max-body-bytes (4 MiB); 501 its types are not JSON's; 503 too many requests wait\n"
    "  500  it failed; 504 its time was over (--request-timeout-s, --cpu-limit-ms)";

}  // namespace

Command serve_api_command(CLI::App& program) {
  auto options = std::make_shared<ServingOptions>();
  options->up.api = true;
  options->up.http.body_bytes = default_body_bytes;
  const std::string name = program.get_name();
  CLI::App* app = program.add_subcommand("serve-api", "Serve the exported functions of a component over HTTP, as JSON");
  options->add_to(*app, "-c,--component-id");
  app->footer("Examples:\n" + with_program_name(help, name) + exit_codes_help +
              "\n  130  ended by a second Ctrl-C, before open requests were done");
  return {app, [options] { return up(options->finished()); }};
}

}  // namespace weft::cli
