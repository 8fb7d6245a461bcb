#include "providers/sqlite/testing/cut_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>

namespace weft::provider::sqlite::testing {

// SQLite allocates it with the system's own file behind it.
struct CutFile {
  sqlite3_file base;
  CutVfs* layer;
  std::string* path;  // null: a file that is not followed
  bool log;
  sqlite3_file* real;

  static CutFile& of(sqlite3_file* file) { return *reinterpret_cast<CutFile*>(file); }

  static int close(sqlite3_file* file) {
    CutFile& self = of(file);
    const int code = self.real->pMethods->xClose(self.real);
    delete self.path;
    return code;
  }
  static int read(sqlite3_file* file, void* to, int count, sqlite3_int64 at) {
    return of(file).real->pMethods->xRead(of(file).real, to, count, at);
  }
  static int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 at) {
    CutFile& self = of(file);
    const int code = self.real->pMethods->xWrite(self.real, from, count, at);
    if (code != SQLITE_OK || self.path == nullptr) return code;
    const std::string_view data(static_cast<const char*>(from), static_cast<std::size_t>(count));
    self.layer->record(*self.path, {false, static_cast<std::uint64_t>(at), std::string(data)});
    self.layer->happened({CutVfs::Kind::write, self.log, data});
    return code;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    CutFile& self = of(file);
    const int code = self.real->pMethods->xTruncate(self.real, size);
    if (code != SQLITE_OK || self.path == nullptr) return code;
    self.layer->record(*self.path, {true, static_cast<std::uint64_t>(size), {}});
    self.layer->happened({CutVfs::Kind::truncate, self.log, {}});
    return code;
  }
  // The layer remembers what is synced: the disk itself need not be waited for.
  static int sync(sqlite3_file* file, int) {
    CutFile& self = of(file);
    if (self.path == nullptr) return SQLITE_OK;
    self.layer->sync(*self.path);
    self.layer->happened({CutVfs::Kind::sync, self.log, {}});
    return SQLITE_OK;
  }
  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return of(file).real->pMethods->xFileSize(of(file).real, size);
  }
  static int lock(sqlite3_file* file, int kind) { return of(file).real->pMethods->xLock(of(file).real, kind); }
  static int unlock(sqlite3_file* file, int kind) { return of(file).real->pMethods->xUnlock(of(file).real, kind); }
  static int check_lock(sqlite3_file* file, int* out) {
    return of(file).real->pMethods->xCheckReservedLock(of(file).real, out);
  }
  static int control(sqlite3_file* file, int what, void* argument) {
    return of(file).real->pMethods->xFileControl(of(file).real, what, argument);
  }
  static int sector_size(sqlite3_file* file) { return of(file).real->pMethods->xSectorSize(of(file).real); }
  static int characteristics(sqlite3_file* file) {
    return of(file).real->pMethods->xDeviceCharacteristics(of(file).real);
  }
  static int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
    return of(file).real->pMethods->xShmMap(of(file).real, page, size, extend, out);
  }
  static int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    return of(file).real->pMethods->xShmLock(of(file).real, offset, count, flags);
  }
  static void shm_barrier(sqlite3_file* file) { of(file).real->pMethods->xShmBarrier(of(file).real); }
  static int shm_unmap(sqlite3_file* file, int remove) {
    return of(file).real->pMethods->xShmUnmap(of(file).real, remove);
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags);
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder);
};

namespace {

// Version 2: with shared memory, without mapped pages, so that every write is seen.
constexpr sqlite3_io_methods methods = {
    2,
    &CutFile::close,
    &CutFile::read,
    &CutFile::write,
    &CutFile::truncate,
    &CutFile::sync,
    &CutFile::file_size,
    &CutFile::lock,
    &CutFile::unlock,
    &CutFile::check_lock,
    &CutFile::control,
    &CutFile::sector_size,
    &CutFile::characteristics,
    &CutFile::shm_map,
    &CutFile::shm_lock,
    &CutFile::shm_barrier,
    &CutFile::shm_unmap,
    nullptr,
    nullptr,
};

sqlite3_vfs* system_of(sqlite3_vfs*) {
  return sqlite3_vfs_find("unix");
}

}  // namespace

int CutFile::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* self = new (file) CutFile{};
  self->layer = static_cast<CutVfs*>(vfs->pAppData);
  self->real = reinterpret_cast<sqlite3_file*>(self + 1);
  sqlite3_vfs* system = system_of(vfs);
  const int code = system->xOpen(system, name, self->real, flags, out_flags);
  if (code != SQLITE_OK) return code;
  self->base.pMethods = &methods;
  self->log = (flags & SQLITE_OPEN_WAL) != 0;
  if (name != nullptr && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0) {
    self->path = new std::string(name);
    const std::lock_guard lock(self->layer->mutex_);
    CutVfs::File& followed = self->layer->files_[*self->path];
    if (std::ifstream content(name, std::ios::binary); followed.changes.empty() && followed.synced.empty()) {
      followed.synced.assign(std::istreambuf_iterator<char>(content), {});
      followed.named = followed.named || !followed.synced.empty();
    }
  }
  return code;
}

int CutFile::remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  static_cast<CutVfs*>(vfs->pAppData)->forget(name);
  sqlite3_vfs* system = system_of(vfs);
  return system->xDelete(system, name, sync_folder);
}

CutVfs::CutVfs(std::string name)
    : name_(std::move(name)), system_(sqlite3_vfs_find("unix")), layer_(std::make_unique<sqlite3_vfs>(*system_)) {
  layer_->szOsFile = static_cast<int>(sizeof(CutFile)) + system_->szOsFile;
  layer_->zName = name_.c_str();
  layer_->pNext = nullptr;
  layer_->pAppData = this;
  layer_->xOpen = &CutFile::open;
  layer_->xDelete = &CutFile::remove;
  // The others look at the system's own data.
  layer_->xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* out) {
    return system_of(vfs)->xAccess(system_of(vfs), path, flags, out);
  };
  layer_->xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* out) {
    return system_of(vfs)->xFullPathname(system_of(vfs), path, size, out);
  };
  sqlite3_vfs_register(layer_.get(), 0);
}

CutVfs::~CutVfs() {
  sqlite3_vfs_unregister(layer_.get());
}

void CutVfs::apply(std::string& content, const Change& change) {
  if (change.truncation) {
    content.resize(change.at);
    return;
  }
  if (content.size() < change.at + change.data.size()) content.resize(change.at + change.data.size());
  content.replace(change.at, change.data.size(), change.data);
}

void CutVfs::record(const std::string& path, Change change) {
  const std::lock_guard lock(mutex_);
  files_[path].changes.push_back(std::move(change));
}

void CutVfs::sync(const std::string& path) {
  const std::lock_guard lock(mutex_);
  File& file = files_[path];
  for (const Change& change : file.changes) apply(file.synced, change);
  file.changes.clear();
  file.named = true;
  // The folder is synced with a log's first sync.
  for (auto& [other, state] : files_) {
    if (path.starts_with(other)) state.named = true;
  }
}

void CutVfs::forget(const std::string& path) {
  const std::lock_guard lock(mutex_);
  files_.erase(path);
}

CutVfs::Disk CutVfs::cut(std::mt19937_64& random) {
  const std::lock_guard lock(mutex_);
  Disk disk;
  // Sometimes nothing of what was not synced is there, sometimes nearly all.
  std::bernoulli_distribution reached(std::uniform_real_distribution<>(-0.2, 1.2)(random) < 0.0 ? 0.0 : 0.6);
  for (const auto& [path, file] : files_) {
    if (!file.named && !reached(random)) continue;
    std::string content = file.synced;
    for (const Change& change : file.changes) {
      if (change.truncation) {
        if (reached(random)) apply(content, change);
        continue;
      }
      for (std::size_t at = 0; at < change.data.size(); at += piece_bytes) {
        if (reached(random)) apply(content, {false, change.at + at, change.data.substr(at, piece_bytes)});
      }
    }
    disk.emplace(path, std::move(content));
  }
  return disk;
}

}  // namespace weft::provider::sqlite::testing
