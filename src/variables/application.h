// The variables of an application with their values, and what each of its components may read.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/allowed_host.h"
#include "manifest/app.h"
#include "manifest/diagnostic.h"
#include "provider/variables.h"
#include "util/pinned.h"

namespace weft::variables {

using Provider = std::shared_ptr<const provider::VariablesProvider>;

struct Sources {
  std::vector<Provider> variables;  // in their order: the first that has a value counts
  Provider secrets;                 // of the source "spin-application", by key; null: there is no store
  Provider environment;             // of the source "env", by the variable's own name; null: nothing is in it
};

// Thread-safe. `app` outlives it and everything made from it, and is not changed meanwhile.
class Variables : Pinned {
 public:
  Variables(const manifest::App& app, Sources sources);

  // What lacks a value, all of it: required variables, and secrets of components that are used. Empty: nothing.
  std::vector<manifest::Diagnostic> check() const;

  // The text with the variables' values. Errc::not_found: one of them has none; else a source failed. No error says a
  // value.
  Result<std::string> expand(const manifest::Template& text) const;
  // Whether the text contains the value of a variable that is declared a secret.
  bool has_secret(const manifest::Template& text) const;

  // The component's allow-list, expanded. The error has a diagnostic for each entry that is wrong.
  Result<manifest::AllowedHosts> allowed_hosts(const manifest::Component& component) const;

 private:
  friend class ComponentVariables;
  Result<Secret> value_of(std::string_view name) const;
  Result<std::optional<Secret>> from_sources(std::string_view name) const;
  Result<Secret> value_of(const manifest::Secret& secret) const;
  manifest::Diagnostic at(manifest::Location place, std::string key, std::string message, std::string remedy) const;

  const manifest::App& app_;
  const Sources sources_;
  std::map<std::string_view, const manifest::Variable*> declared_;
};

// What one component reads by its names, from whatever interface it does so. Thread-safe.
class ComponentVariables : Pinned {
 public:
  enum class Fault {
    invalid_name,  // no variable can have that name
    undefined,     // the component has none of that name, or it has no value
    provider,      // a source failed
  };
  struct Failure {
    Fault fault;
    std::string message;  // for the guest; says no value
  };

  // `application` and `component`, a part of its application, outlive it.
  ComponentVariables(const Variables& application, const manifest::Component& component);

  std::expected<std::string, Failure> get(std::string_view name) const;
  // All that have a value, by name.
  std::expected<std::vector<std::pair<std::string, std::string>>, Failure> get_all() const;

 private:
  // Of a variable or of a secret.
  struct Entry {
    std::string_view name;
    const manifest::Template* text = nullptr;
    const manifest::Secret* secret = nullptr;
  };
  std::expected<std::string, Failure> value_of(const Entry& entry) const;

  const Variables& application_;
  const manifest::Component& component_;
  std::vector<Entry> entries_;  // sorted by name
};

// Whether a variable can have this name: [a-z][a-z0-9_]*, with no `_` at the end or after another.
bool is_variable_name(std::string_view name);

}  // namespace weft::variables
