#include "project/builder.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "manifest/identifier.h"
#include "manifest/wasi_target.h"
#include "project/rust_toolchain.h"
#include "project/tools.h"
#include "util/process.h"

namespace weft::project {
namespace {

namespace fs = std::filesystem;
using manifest::Component;

// A line of output beyond this is passed on in pieces: no message of a compiler is longer.
constexpr std::size_t max_line_bytes = 64 << 10;
constexpr int status_not_found = 127;  // of a shell: no such program

struct Job {
  const Component* component;
  fs::path folder;
  std::vector<const Job*> after;
  enum class State { waiting, running, done, failed } state = State::waiting;
};

class Builder {
 public:
  Builder(const manifest::App& app, const BuildObserver& observer, std::stop_token stop)
      : app_(app), observer_(observer), stop_(std::move(stop)) {}

  void add(const Component& component) {
    Job job{.component = &component, .folder = app_.root / component.build->workdir, .after = {}};
    for (const Job& other : jobs_) {
      const bool depends = std::ranges::any_of(component.dependencies, [&](const manifest::Dependency& dependency) {
        const auto* source = std::get_if<manifest::ComponentSource>(&dependency.source);
        return source != nullptr && source->component == other.component->id;
      });
      if (depends || other.folder.lexically_normal() == job.folder.lexically_normal()) job.after.push_back(&other);
    }
    jobs_.push_back(std::move(job));
  }

  Result<void> run(unsigned parallel) {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::min<std::size_t>(parallel, jobs_.size()); ++i)
      threads.emplace_back([this] { work(); });
    threads.clear();
    if (!faults_.empty()) return fail(Errc::invalid, std::move(faults_));
    return {};
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (!faults_.empty()) return;
      const auto ready = std::ranges::find_if(jobs_, [](const Job& job) {
        return job.state == Job::State::waiting &&
               std::ranges::all_of(job.after, [](const Job* other) { return other->state == Job::State::done; });
      });
      if (ready == jobs_.end()) {
        if (std::ranges::none_of(jobs_, [](const Job& job) { return job.state == Job::State::waiting; })) return;
        changed_.wait(lock);
        continue;
      }
      ready->state = Job::State::running;
      lock.unlock();
      auto built = build_one(*ready);
      lock.lock();
      ready->state = built ? Job::State::done : Job::State::failed;
      if (!built) faults_ += (faults_.empty() ? "" : "\n") + built.error().message();
      changed_.notify_all();
    }
  }

  Result<void> build_one(const Job& job) {
    const auto started = std::chrono::steady_clock::now();
    const Component& component = *job.component;
    const auto with_context = [&](Error error) {
      return std::unexpected(std::move(error).context("component " + component.id));
    };
    std::error_code ignored;
    if (!fs::is_directory(job.folder, ignored))
      return with_context(Error(Errc::not_found, "its workdir " + job.folder.string() + " is no folder"));
    std::vector<std::string> commands = component.build->commands;
    RustToolchain rust;
    const bool uses_rust =
        fs::exists(job.folder / "Cargo.toml", ignored) || std::ranges::any_of(commands, [](const std::string& command) {
          return command.find("cargo") != std::string::npos;
        });
    if (uses_rust) rust = find_rust(job.folder);
    const bool renames = uses_rust && !rust.knows_wasm32_wasi && manifest::uses_wasm32_wasi(component);
    if (renames) {
      for (std::string& command : commands) command = manifest::replace_wasm32_wasi(command);
      const std::lock_guard lock(output_);
      if (!std::exchange(noticed_, true)) observer_.notice(manifest::wasm32_wasi_notice);
    }
    const auto environment = uses_rust ? cargo_environment(rust) : std::vector<std::string>();
    for (const std::string& command : commands) {
      auto run = run_command(job, command, environment);
      if (!run) return with_context(std::move(run).error());
    }
    if (renames) {
      if (auto provided = provide_old_path(component); !provided) return with_context(std::move(provided).error());
    }
    if (const auto* local = std::get_if<manifest::LocalSource>(&component.source);
        local != nullptr && !fs::exists(app_.root / local->path, ignored)) {
      return with_context(Error(
          Errc::not_found, "the build succeeded, but there is no " + local->path.string() + ", which `source` names"));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    const std::lock_guard lock(output_);
    observer_.built(component.id, took.count());
    return {};
  }

  Result<void> run_command(const Job& job, const std::string& command, const std::vector<std::string>& environment) {
    if (stop_.stop_requested()) return fail(Errc::cancelled, "the build was ended");
    for (const std::string& tool : missing_tools(command)) return fail(Errc::not_found, missing_tool_message(tool));
    {
      const std::lock_guard lock(output_);
      observer_.starts(job.component->id, command);
    }
    TRY(auto process,
        Process::start({"/bin/sh", "-c", command},
                       {.folder = job.folder, .environment = environment, .own_group = stop_.stop_possible()}));
    const std::stop_callback on_stop(stop_, [&process] { process->end(); });
    std::string text;
    while (process->read_some(text)) pass_on(job, text, false);
    pass_on(job, text, true);
    const int status = process->wait();
    if (status == 0) return {};
    std::string message = "`" + command + "` ended with status " + std::to_string(status);
    if (status == status_not_found) message += ": it, or a program it calls, is not installed";
    for (const char* target : {"wasm32-wasip1", "wasm32-wasip2"}) {
      if (command.find(target) == std::string::npos) continue;
      const std::string remedy = rust_target_remedy(find_rust(job.folder), target);
      if (!remedy.empty()) message += "\n  Rust has no std for " + std::string(target) + "; to get it: " + remedy;
    }
    return fail(Errc::invalid, std::move(message));
  }

  // Whole lines; at the end also one that has no end.
  void pass_on(const Job& job, std::string& text, bool at_end) {
    const std::lock_guard lock(output_);
    std::size_t done = 0;
    while (done < text.size()) {
      const std::size_t end = text.find('\n', done);
      if (end == std::string::npos && !at_end && text.size() - done < max_line_bytes) break;
      std::string_view line = std::string_view(text).substr(done, end == std::string::npos ? end : end - done);
      done += line.size() + (end == std::string::npos ? 0 : 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      observer_.output(job.component->id, line);
    }
    text.erase(0, done);
  }

  // What was built for wasm32-wasip1, where the manifest expects it. A running application reads the old file or the
  // new one, never a part.
  Result<void> provide_old_path(const Component& component) {
    const auto* local = std::get_if<manifest::LocalSource>(&component.source);
    if (local == nullptr) return {};
    const fs::path to = app_.root / local->path;
    const fs::path from = app_.root / manifest::replace_wasm32_wasi(local->path.native());
    if (from == to) return {};
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    const fs::path part = to.string() + ".part";
    if (!error) fs::copy_file(from, part, fs::copy_options::overwrite_existing, error);
    if (!error) fs::rename(part, to, error);
    if (error)
      return std::unexpected(Error::from_errno("copying " + from.string() + " to " + to.string(), error.value()));
    return {};
  }

  const manifest::App& app_;
  const BuildObserver& observer_;
  const std::stop_token stop_;
  std::deque<Job> jobs_;  // pointers to its elements stay valid
  std::mutex mutex_;      // of the states and faults
  std::condition_variable changed_;
  std::string faults_;
  std::mutex output_;  // of the observer
  bool noticed_ = false;
};

void add_with_dependencies(const manifest::App& app, const Component& component, std::set<std::string>& seen,
                           std::vector<const Component*>& ordered) {
  if (!seen.insert(component.id).second) return;
  const auto add_those = [&](const std::vector<manifest::Dependency>& dependencies) {
    for (const manifest::Dependency& dependency : dependencies) {
      const auto* source = std::get_if<manifest::ComponentSource>(&dependency.source);
      const Component* other = source == nullptr ? nullptr : app.find_component(source->component);
      if (other != nullptr) add_with_dependencies(app, *other, seen, ordered);
    }
  };
  add_those(component.dependencies);
  for (const manifest::Trigger& trigger : app.triggers) {
    if (trigger.component == component.id) add_those(trigger.middleware);
  }
  if (component.build) ordered.push_back(&component);
}

}  // namespace

Result<std::vector<const Component*>> components_to_build(const manifest::App& app, const BuildOptions& options) {
  std::vector<const Component*> ordered;
  std::set<std::string> seen;
  for (const std::string& id : options.components) {
    const Component* component = app.find_component(id);
    if (component == nullptr) {
      std::vector<std::string> known;
      for (const Component& each : app.components) known.push_back(each.id);
      return fail(Errc::not_found, "there is no component `" + id + "`; " + manifest::suggest(id, known));
    }
    if (!component->build) {
      return fail(Errc::invalid, "component " + id + " has no build command; add for example\n\n  [component." + id +
                                     ".build]\n  command = \"cargo build --target wasm32-wasip2 --release\"\n");
    }
    add_with_dependencies(app, *component, seen, ordered);
  }
  if (!options.components.empty()) return ordered;
  for (const Component& component : app.components) add_with_dependencies(app, component, seen, ordered);
  return ordered;
}

Result<void> build(const manifest::App& app, const BuildOptions& options, const BuildObserver& observer) {
  TRY(const auto components, components_to_build(app, options));
  Builder builder(app, observer, options.stop);
  for (const Component* component : components) builder.add(*component);
  return builder.run(options.parallel != 0 ? options.parallel : std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace weft::project
