// The functions of wasi_snapshot_preview1, by what they work on; each file registers its own.
#pragma once

#include <string>

#include "bind/registry.h"
#include "preview1/descriptors.h"
#include "preview1/guest_memory.h"

namespace weft::preview1 {

void add_process(bind::Interface& interface);      // arguments, environment, clocks, randomness, exit
void add_streams(bind::Interface& interface);      // reading, writing and seeking
void add_descriptors(bind::Interface& interface);  // what descriptors are: status, rights, preopens, listings
void add_paths(bind::Interface& interface);
void add_poll(bind::Interface& interface);

// The text of a path parameter. nametoolong; ilseq: it is not UTF-8.
Outcome<std::string> text_of(GuestPtr at, std::uint32_t length);

Filestat filestat_of(const struct stat& status);
// New times as the parameters say them. inval: both a time and now.
struct NewTimes {
  wasi::NewTimestamp accessed, modified;
};
Outcome<NewTimes> new_times(std::uint64_t atim, std::uint64_t mtim, std::uint32_t flags);

}  // namespace weft::preview1
