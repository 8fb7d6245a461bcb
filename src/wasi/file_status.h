// struct stat and file times in the interface's terms.
#pragma once

#include <sys/stat.h>

#include <array>

#include "wasi/error_code.h"
#include "wasi/file_types.h"

namespace weft::wasi {

FileResult<struct stat> status_of(int file);
DescriptorStat to_descriptor_stat(const struct stat& status);

// A hash under a key of this process, of what changes when the file is modified or replaced.
MetadataHash hash_of(const struct stat& status);

// Last access and last modification, as utimensat(2) takes them.
using FileTimes = std::array<timespec, 2>;
// overflow and invalid: times no file can have.
FileResult<FileTimes> file_times(const NewTimestamp& accessed, const NewTimestamp& modified);

}  // namespace weft::wasi
