#include "wast/files.h"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "runtime/ticker.h"
#include "util/process.h"

namespace weft::wast {
namespace {

namespace fs = std::filesystem;

// A failure must be seen again.
constexpr std::uint32_t mutation_seed = 1;

Counts failed(const std::string& script, const std::string& message) {
  std::printf("%s: %s\n", script.c_str(), message.c_str());
  return {.failed = 1};
}

Counts run_here(const std::string& script, const Options& options) {
  auto folder = TemporaryFolder::create();
  if (!folder) return failed(script, folder.error().message());
  const WasmTools tools(options.wasm_tools);
  auto read = tools.convert(script, (*folder)->path());
  if (!read) return failed(script, read.error().message());
  auto engine = wasm::Engine::create({.parallel_compilation = false});
  if (!engine) return failed(script, engine.error().message());
  runtime::Ticker ticker(**engine);
  Mutation mutation(mutation_seed);
  Runner runner(**engine, tools,
                {.mutation = options.mutate ? &mutation : nullptr,
                 .time_limit = std::chrono::seconds(options.seconds),
                 .seed = options.seed},
                [](const std::string& line) { std::printf("%s\n", line.c_str()); });
  return runner.run(*read);
}

// "N passed, N failed, N skipped" at the end of the output; it is taken off.
std::optional<Counts> take_counts(std::string& output) {
  const std::size_t end = output.find_last_not_of('\n');
  if (end == std::string::npos) return std::nullopt;
  const std::size_t start = output.rfind('\n', end);
  const std::size_t line = start == std::string::npos ? 0 : start + 1;
  Counts counts;
  if (std::sscanf(output.c_str() + line, "%u passed, %u failed, %u skipped", &counts.passed, &counts.failed,
                  &counts.skipped) != 3) {
    return std::nullopt;
  }
  output.resize(line);
  return counts;
}

struct Child {
  std::string script;
  std::unique_ptr<Process> process;
  std::string output;
};

Counts finish(Child& child) {
  const int status = child.process->wait();
  auto counts = take_counts(child.output);
  std::fputs(child.output.c_str(), stdout);
  if (counts) return *counts;
  return failed(child.script, "the runner ended with status " + std::to_string(status));
}

}  // namespace

Result<std::vector<std::string>> find_scripts(const std::vector<std::string>& paths) {
  std::vector<std::string> scripts;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      if (!fs::exists(path, error)) return fail(Errc::not_found, "there is no file or folder " + path);
      scripts.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (auto at = fs::recursive_directory_iterator(path, error); !error && at != fs::end(at); at.increment(error)) {
      if (at->path().extension() == ".wast" && at->is_regular_file()) found.push_back(at->path());
    }
    if (error) return fail(Errc::io, path + ": " + error.message());
    if (found.empty()) return fail(Errc::not_found, "there are no scripts (.wast) in " + path);
    std::sort(found.begin(), found.end());
    scripts.insert(scripts.end(), found.begin(), found.end());
  }
  return scripts;
}

Counts run_scripts(const std::vector<std::string>& scripts, const Options& options) {
  if (scripts.size() == 1) return run_here(scripts[0], options);
  Counts sum;
  auto add = [&](Counts counts) {
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  };
  std::vector<Child> running;
  std::size_t next = 0;
  while (next < scripts.size() || !running.empty()) {
    while (next < scripts.size() && running.size() < std::max(1u, options.jobs)) {
      const std::string& script = scripts[next++];
      std::vector<std::string> command{
          options.self, "--wasm-tools", options.wasm_tools, "--seconds", std::to_string(options.seconds), script};
      if (options.mutate) command.emplace_back("--mutate");
      if (options.seed) command.insert(command.end(), {"--seed", std::to_string(*options.seed)});
      auto process = Process::start(command);
      if (!process) {
        add(failed(script, process.error().message()));
      } else {
        running.push_back({script, *std::move(process), {}});
      }
    }
    std::vector<pollfd> waiting;
    for (const Child& child : running) waiting.push_back({child.process->output(), POLLIN, 0});
    poll(waiting.data(), waiting.size(), -1);
    for (std::size_t i = waiting.size(); i-- > 0;) {
      if (waiting[i].revents == 0 || running[i].process->read_some(running[i].output)) continue;
      add(finish(running[i]));
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  return sum;
}

}  // namespace weft::wast
