// Core import namespaces that the host serves itself, without an adapter.
//
// A core module imports functions by two names. Those of a namespace here become functions of an interface of the
// host's, with numbers as parameters and the module's memory at hand; a service registers the interface
// (bind/registry.h) and is done.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weft::componentize {

struct Namespace {
  std::string_view core;       // as core modules have it
  std::string_view interface;  // as the component imports it
};

std::span<const Namespace> namespaces();
// Null: no such namespace is served.
const Namespace* find_namespace(std::string_view core);

// The label of a core function's name: "fd-read" of "fd_read". It need not be one: names are the module's.
std::string label_of(std::string_view core_name);

}  // namespace weft::componentize
