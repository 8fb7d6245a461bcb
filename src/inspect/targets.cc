#include "inspect/targets.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "gaps/gaps.h"
#include "inspect/fit.h"
#include "manifest/allowed_host.h"
#include "manifest/target.h"

namespace weft::inspect {
namespace {

namespace fs = std::filesystem;
using manifest::Component;
using manifest::Target;
using manifest::TargetEnvironment;
using manifest::TargetWorld;

constexpr std::string_view chaining_capability = "local_service_chaining";

const std::vector<manifest::Value>& targets_of(const manifest::App& app, const Component& component) {
  return component.targets.empty() ? app.targets : component.targets;
}

bool needs_chaining(const Component& component) {
  return std::ranges::any_of(component.allowed_outbound_hosts, [](const manifest::AllowedHostEntry& entry) {
    const auto host = manifest::AllowedHost::parse(entry.entry.text());
    return host && !host->chained_component().empty();
  });
}

std::string lines_of(std::span<const Difference> differences) {
  std::string text;
  for (const Difference& each : differences) text += "\n  " + to_string(each);
  if (differences.size() == max_differences) text += "\n  (there may be more)";
  return text;
}

class Check {
 public:
  Check(const manifest::App& app, const ReadFace& read) : app_(app), read_(read) {}

  void component(const Component& component) {
    std::set<std::string> triggers;
    for (const manifest::Trigger& trigger : app_.triggers) {
      if (trigger.component == component.id) triggers.insert(trigger.type);
    }
    std::optional<Face> face;
    for (const manifest::Value& value : targets_of(app_, component)) {
      const Target target = manifest::target_of(value);
      if (target.path.empty()) {
        unchecked(place(target.at) + ": target " + target.elsewhere + " is not looked at");
        continue;
      }
      const TargetEnvironment* const environment = read_environment(app_.root / target.path);
      if (environment == nullptr) continue;
      for (const std::string& trigger : triggers) {
        if (auto fits = check(component, target, *environment, trigger, face); !fits) {
          const std::string where = place(target.at) + ": component " + component.id;
          if (face) {
            misfit(where + " does not fit the target " + target.path.string() + ": " + fits.error().message());
            continue;
          }
          // Other targets would say the same.
          const bool is_refused = fits.error().code() == Errc::unsupported;
          (is_refused ? findings_.unchecked : findings_.misfits)
              .push_back(where + " is not compared with its targets: " + fits.error().message());
          return;
        }
      }
    }
  }

  TargetFindings take() { return std::move(findings_); }

 private:
  std::string place(manifest::Location at) const {
    return app_.file.filename().string() + ":" + std::to_string(at.line);
  }
  void misfit(std::string text) { findings_.misfits.push_back(std::move(text)); }
  void unchecked(const std::string& subject) {
    std::string text = gaps::refuse(gaps::Gap::registry_targets, subject).message();
    if (std::ranges::find(findings_.unchecked, text) == findings_.unchecked.end())
      findings_.unchecked.push_back(std::move(text));
  }

  // Null: it is told what is wrong with it.
  const TargetEnvironment* read_environment(const fs::path& path) {
    const auto [at, is_new] = environments_.try_emplace(path.lexically_normal());
    if (!is_new) return at->second ? &*at->second : nullptr;
    auto loaded = manifest::load_target_environment(at->first);
    if (!loaded.environment) misfit("the target cannot be read:\n" + manifest::format_all(loaded.diagnostics));
    at->second = std::move(loaded.environment);
    return at->second ? &*at->second : nullptr;
  }

  Result<const wit_source::Packages*> read_packages(const fs::path& path) {
    auto& known = packages_[path];
    if (known == nullptr) {
      TRY(known, wit_source::Packages::read(path));
    }
    return known.get();
  }

  // The error says what does not fit.
  Result<void> check(const Component& component, const Target& target, const TargetEnvironment& environment,
                     const std::string& trigger, std::optional<Face>& face) {
    if (!face) {
      TRY(face, read_(component));
    }
    const manifest::TriggerSupport* const support = environment.find(trigger);
    if (support == nullptr) {
      std::string types;
      for (const auto& [type, unused] : environment.triggers) types += (types.empty() ? "" : ", ") + type;
      return fail(Errc::invalid, "it has no triggers of type " + trigger +
                                     (types.empty() ? std::string() : ", only " + types) +
                                     ": use another trigger, or " + "add triggers." + trigger + " there");
    }
    if (needs_chaining(component) &&
        std::ranges::find(support->capabilities, chaining_capability) == support->capabilities.end()) {
      return fail(Errc::invalid,
                  "it has no local_service_chaining, which allowed_outbound_hosts asks for: ask the other component by "
                  "its public address, or add capabilities = [\"local_service_chaining\"] there");
    }
    return check_worlds(target, support->worlds, *face);
  }

  Result<void> check_worlds(const Target& target, std::span<const TargetWorld> worlds, const Face& face) {
    std::string why;
    std::vector<const TargetWorld*> unknown;
    for (const TargetWorld& world : worlds) {
      if (world.wit.empty()) {
        unknown.push_back(&world);
        continue;
      }
      TRY(const wit_source::Packages* packages, read_packages(world.wit));
      if (world.name.empty() && packages->main().worlds.size() > 1) {
        return fail(Errc::invalid, world.wit.string() +
                                       " has several worlds: write a file environment.toml that names one, and make it "
                                       "the target: triggers.http.worlds = [{ path = \"wit\", world = \"" +
                                       packages->main().full_name(packages->main().worlds.front().name) + "\" }]");
      }
      auto found = packages->find_world(world.name);
      if (!found) return std::unexpected(std::move(found).error().context(world.wit.string()));
      TRY(const auto differences, inspect::differences(face, *packages, **found));
      if (differences.empty()) return {};
      why += "\nagainst the world " + (world.name.empty() ? (*found)->name : world.name) + " of " + world.wit.string() +
             ":" + lines_of(differences);
    }
    // It may fit one of these.
    for (const TargetWorld* world : unknown) {
      unchecked(target.path.string() + ":" + std::to_string(world->at.line) + ": the world " + world->name +
                ", which is in a registry, is not looked at");
    }
    if (!unknown.empty() || why.empty()) return {};
    return fail(Errc::invalid, (worlds.size() > 1 ? "build it for one of its worlds" : "build it for its world") +
                                   std::string(", or leave the target out") + why);
  }

  const manifest::App& app_;
  const ReadFace& read_;
  TargetFindings findings_;
  std::map<fs::path, std::optional<TargetEnvironment>> environments_;
  std::map<fs::path, std::unique_ptr<wit_source::Packages>> packages_;
};

}  // namespace

bool has_local_targets(const manifest::App& app) {
  return std::ranges::any_of(app.components, [&](const Component& component) {
    const auto is_local = [](const manifest::Value& value) { return !manifest::target_of(value).path.empty(); };
    return component.used && std::ranges::any_of(targets_of(app, component), is_local);
  });
}

TargetFindings check_targets(const manifest::App& app, std::span<const std::string> components, const ReadFace& read) {
  Check check(app, read);
  for (const Component& component : app.components) {
    const bool is_named = components.empty() || std::ranges::find(components, component.id) != components.end();
    if (component.used && is_named) check.component(component);
  }
  return check.take();
}

}  // namespace weft::inspect
