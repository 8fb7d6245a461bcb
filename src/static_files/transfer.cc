// Finding the file, and making what is sent of it.
#include "static_files/transfer.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "static_files/compress.h"

namespace weft::static_files {
namespace {

// How often a file may change while it is read, for one request.
constexpr int max_attempts = 3;

// What a worker makes of a file: both are also in the store.
struct Made {
  int error = ENOMEM;           // errno; ESTALE: the file changed meanwhile
  PreparedPtr plain = nullptr;  // the tag of its bytes
  PreparedPtr coded = nullptr;  // null for identity
};

Made prepare_file(const File& file, Coding coding, PreparedStore& store) {
  const PreparedKey plain_key{file.version, Coding::identity};
  const PreparedKey coded_key{file.version, coding};
  Made made{.error = 0, .plain = store.find(plain_key)};
  if (coding == Coding::identity) {
    if (made.plain != nullptr) return made;  // for another request, while this one waited
    auto tag = tag_of_file(file);
    if (!tag) return {.error = tag.error()};
    auto plain = std::make_shared<Prepared>();
    plain->tag = *std::move(tag);
    made.plain = store.add(plain_key, std::move(plain));
    return made;
  }
  made.coded = store.find(coded_key);
  if (made.coded != nullptr) return made;
  const auto bytes = read_whole(file, Wait::yes);
  if (!bytes) return {.error = bytes.error()};
  auto plain = std::make_shared<Prepared>();
  plain->tag = tag_of_bytes(*bytes);
  made.plain = store.add(plain_key, std::move(plain));
  auto coded = std::make_shared<Prepared>();
  auto compressed = compress(*bytes, coding);
  // One part in sixteen is what a client saves at least for its work.
  if (compressed && compressed->size() < bytes->size() - bytes->size() / 16) {
    coded->tag = tag_of_bytes(*compressed);
    coded->bytes = *std::move(compressed);
  } else {
    coded->worth_it = false;
  }
  made.coded = store.add(coded_key, std::move(coded));
  return made;
}

}  // namespace

Transfer::Transfer(FileServer& server, std::shared_ptr<http::Exchange> exchange, std::shared_ptr<const Site> site,
                   std::string_view path, telemetry::HttpSeries& series)
    : server_(server),
      exchange_(std::move(exchange)),
      site_(std::move(site)),
      path_(path),
      series_(series),
      begun_(std::chrono::steady_clock::now()) {}

// ---- finding the file ----

void Transfer::start() {
  const std::string& method = exchange_->request().method;
  if (method != "GET" && method != "HEAD")
    return respond_plain(405, "Only GET and HEAD are answered here.\n", "allow", "GET, HEAD");
  // An empty segment at the front of a path would make another server's name of it in a Location.
  if (exchange_->request().path_with_query.starts_with("//")) return respond_plain(404, "Not Found\n");
  preferences_ = negotiate(exchange_->request().fields);
  find();
}

void Transfer::find() {
  if (auto found = site_->find(path_, preferences_, Wait::no)) return take(*std::move(found));
  const auto found = std::make_shared<Found>(Found{.kind = Found::Kind::failed, .error = ENOMEM});
  elsewhere(
      server_.disk_.reading,
      [found, site = site_, path = std::string(path_), preferences = preferences_] {
        *found = site->find(path, preferences, Wait::yes).value_or(Found{.kind = Found::Kind::failed, .error = EIO});
      },
      [found](Transfer& self) { self.take(std::move(*found)); });
}

void Transfer::take(Found found) {
  found_ = std::move(found);
  prepared_ = nullptr;
  content_.reset();
  switch (found_.kind) {
    case Found::Kind::folder: {
      const std::string_view target = exchange_->request().path_with_query;
      const std::size_t end = std::min(target.find('?'), target.size());
      const std::string location = std::string(target.substr(0, end)) + '/' + std::string(target.substr(end));
      return respond_plain(308, "", "location", location);
    }
    case Found::Kind::unavailable:
    case Found::Kind::failed:
      return fail(found_.error, "opening a file");
    case Found::Kind::missing:
      if (!found_.file.descriptor) return respond_plain(404, "Not Found\n");
      break;
    case Found::Kind::file:
    case Found::Kind::fallback:
      break;
  }
  prepare();
}

// ---- making what is sent of it ----

void Transfer::make_prepared(const PreparedKey& key) {
  const auto made = std::make_shared<Made>();
  elsewhere(
      server_.disk_.preparing,
      [made, coding = key.coding, site = site_, file = &found_.file] {
        *made = prepare_file(*file, coding, site->prepared());
      },
      [made, key](Transfer& self) {
        if (made->error != 0) return self.not_read(made->error);
        if (made->plain != nullptr) self.server_.prepared_.met({key.version, Coding::identity}, made->plain);
        if (made->coded != nullptr) self.server_.prepared_.met(key, made->coded);
        self.prepare();
      });
}

// True: it is being done, or done.
bool Transfer::prepare_coding(Coding coding) {
  const PreparedKey key{found_.file.version, coding};
  prepared_ = server_.prepared_.find(key);
  if (prepared_ == nullptr) {
    make_prepared(key);
    return true;
  }
  if (!prepared_->worth_it) return false;
  found_.coding = coding;
  respond();
  return true;
}

void Transfer::prepare() {
  const std::uint64_t size = found_.file.version.size;
  const bool may_compress = found_.coding == Coding::identity && found_.type->compressible == Compressible::yes &&
                            size >= min_compressed_file && size <= max_compressed_file;
  what_.varies = may_compress || site_->settings().precompressed;
  // What may change unseen is not kept. What the best coding does not make smaller, another does not either.
  if (may_compress && found_.file.version.is_settled(server_.clock_()) && !preferences_.empty() &&
      preferences_.codings().front() != Coding::identity && prepare_coding(preferences_.codings().front())) {
    return;
  }
  if (found_.coding == Coding::identity && !preferences_.accepts(Coding::identity)) {
    return respond_plain(406, "This file is sent as it is; accept the encoding \"identity\".\n", "vary",
                         "accept-encoding");
  }
  prepare_identity();
}

void Transfer::prepare_identity() {
  const Version& version = found_.file.version;
  const bool settled = version.is_settled(server_.clock_());
  prepared_ = settled ? server_.prepared_.find({version, Coding::identity}) : nullptr;
  if (prepared_ != nullptr) return respond();
  if (version.size <= held_answer) return hold_content();
  if (!settled || version.size > max_hashed_file) return respond();
  make_prepared({version, Coding::identity});
}

void Transfer::hold_content() {
  auto content = read_whole(found_.file, Wait::no);
  if (content || content.error() != EAGAIN) return hold(std::move(content));
  const auto read = std::make_shared<std::expected<std::string, int>>(std::unexpected(ENOMEM));
  elsewhere(
      server_.disk_.reading, [read, file = &found_.file] { *read = read_whole(*file, Wait::yes); },
      [read](Transfer& self) { self.hold(std::move(*read)); });
}

void Transfer::hold(std::expected<std::string, int> content) {
  if (!content) return not_read(content.error());
  const PreparedKey key{found_.file.version, Coding::identity};
  auto made = std::make_shared<Prepared>();
  made->tag = tag_of_bytes(*content);
  content_ = *std::move(content);
  prepared_ = std::move(made);
  if (key.version.is_settled(server_.clock_())) {
    prepared_ = site_->prepared().add(key, prepared_);
    server_.prepared_.met(key, prepared_);
  }
  respond();
}

void Transfer::not_read(int error) {
  if (error == ESTALE && ++attempts_ < max_attempts) return find();
  fail(error, "reading a file");
}

}  // namespace weft::static_files
