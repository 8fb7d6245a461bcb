// One request for a file and its answer. Internal to file_server.cc.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "static_files/file_server.h"
#include "static_files/representation.h"
#include "static_files/source.h"

namespace weft::static_files {

// Answers up to this size are made whole, and leave in one write.
inline constexpr std::size_t held_answer = http::body_pipe_capacity;

// On its loop; what runs elsewhere is handed what it needs. Held by the job that works for it, and by the pipe of its
// body, until the end of either.
class Transfer final : public std::enable_shared_from_this<Transfer>, Pinned {
 public:
  Transfer(FileServer& server, std::shared_ptr<http::Exchange> exchange, std::shared_ptr<const Site> site,
           std::string_view path, telemetry::HttpSeries& series);

  void start();

 private:
  using TimePoint = Observer::TimePoint;

  // ---- finding the file ----
  void find();
  void take(Found found);

  // ---- making what is sent of it ----
  void prepare();
  // False: that coding is not worth it.
  bool prepare_coding(Coding coding);
  void prepare_identity();
  void make_prepared(const PreparedKey& key);
  void hold_content();
  void hold(std::expected<std::string, int> content);
  // ESTALE: the file changed while it was read; from the start, unless that happens again and again.
  void not_read(int error);

  // ---- answering ----
  void respond();
  // Of the representation.
  Source source() const;
  void respond_held(Answer answer);
  void respond_plain(unsigned status, std::string_view text, std::string_view field = {}, std::string_view value = {});
  // The client is told 500 or 503, the log why.
  void fail(int error, std::string_view doing);
  // REQUIRES: the caller holds this.
  void answered();

  // ---- sending ----
  void pump();
  // False: there is something to wait for, or it has ended.
  bool send_some(http::BodyPipe& pipe);
  void read_ahead();
  void give_up(int error);

  // Runs `work` where it may wait, and `then` here, unless the client has left.
  template <class Work, class Then>
  void elsewhere(Workers& workers, Work work, Then then) {
    const auto self = shared_from_this();
    const bool taken = workers.run(server_.loop_, std::move(work), [self, then = std::move(then)] {
      if (self->exchange_->client_gone())
        self->answered();
      else
        then(*self);
    });
    if (!taken) overloaded();
  }
  void overloaded();

  FileServer& server_;
  const std::shared_ptr<http::Exchange> exchange_;
  const std::shared_ptr<const Site> site_;
  const std::string_view path_;
  telemetry::HttpSeries& series_;
  const TimePoint begun_;
  Preferences preferences_;
  int attempts_ = 0;
  bool answered_ = false;

  Found found_;
  Representation what_;
  std::string tag_;                     // of a version, where nobody read the bytes
  PreparedPtr prepared_;                // the tag of the bytes, and the bytes in a coding
  std::optional<std::string> content_;  // all bytes of a small file

  std::vector<Piece> pieces_;  // what is still to be sent, the last first
  std::string ahead_;          // read by a worker: what comes next of the file
  std::size_t ahead_at_ = 0;   // how much of it was sent
  bool reading_ahead_ = false;
  bool resting_ = false;
  unsigned burst_ = 0;
};

}  // namespace weft::static_files
