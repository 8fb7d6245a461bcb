#include "wasi_sockets/host_name.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>

#include "http/url.h"

namespace weft::wasi_sockets {
namespace {

namespace ip = boost::asio::ip;

// Of a name that is not ASCII: four bytes of UTF-8 for each byte of its ASCII form are more than it can have.
constexpr std::size_t max_unicode_bytes = 4 * http::max_host_bytes;

// libidn2's idn2_lookup_u8(source, &result, flags): 0, and a result that the caller frees. Found at run time, as the C
// library does for the same purpose: few machines and few programs need it.
using Lookup = int (*)(const unsigned char* source, unsigned char** result, int flags);
// Input is brought into normal form C, and mapped as UTS 46 says without its transitional processing.
constexpr int nfc_input = 1, nontransitional = 8;

Lookup find_lookup() {
  void* library = dlopen("libidn2.so.0", RTLD_NOW | RTLD_LOCAL);
  return library == nullptr ? nullptr : reinterpret_cast<Lookup>(dlsym(library, "idn2_lookup_u8"));
}

SocketResult<std::string> to_ascii(const std::string& name) {
  static const Lookup lookup = find_lookup();
  if (lookup == nullptr) return socket_error(ErrorCode::not_supported);
  if (name.size() > max_unicode_bytes || name.find('\0') != std::string::npos)
    return socket_error(ErrorCode::invalid_argument);
  unsigned char* result = nullptr;
  if (lookup(reinterpret_cast<const unsigned char*>(name.c_str()), &result, nfc_input | nontransitional) != 0)
    return socket_error(ErrorCode::invalid_argument);
  std::string ascii(reinterpret_cast<const char*>(result));
  std::free(result);
  return ascii;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

SocketResult<HostName> parse_host_name(std::string_view text) {
  std::string ascii(text);
  if (!is_ascii(text)) {
    auto converted = to_ascii(ascii);
    if (!converted) return std::unexpected(converted.error());
    ascii = *std::move(converted);
  }
  boost::system::error_code not_address;
  // An IPv6 address may stand without the brackets it has before a port; a scope is no part of a name.
  if (ascii.find(':') != std::string::npos && !ascii.starts_with('[')) ascii = "[" + ascii + "]";
  const auto authority = http::Authority::parse(ascii);
  if (!authority || authority->port || ascii.ends_with(':')) return socket_error(ErrorCode::invalid_argument);
  const ip::address address = ip::make_address(authority->host, not_address);
  if (!not_address) return address;
  return authority->host;
}

}  // namespace weft::wasi_sockets
