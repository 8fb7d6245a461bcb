// What is on its way to a socket: text, then a piece of a body that is not copied, then text.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace weft::http {

class Output {
 public:
  // Where more text goes: behind all that is there.
  std::string& text() { return piece_.empty() ? before_ : after_; }
  // False: there is a piece already, and a second one has to wait until all was sent.
  bool takes_piece() const { return piece_.empty(); }
  // Takes the bytes and leaves memory for the next. REQUIRES: takes_piece().
  void put_piece(std::string& bytes) { piece_.swap(bytes); }

  bool empty() const { return size() == 0; }
  std::size_t size() const { return before_.size() + piece_.size() + after_.size() - sent_; }
  // What was not sent yet, in order. Valid until the next change.
  std::array<std::string_view, 3> parts() const;
  // Drops what was sent. REQUIRES: count <= size().
  void consume(std::size_t count);
  // Gives back memory beyond what small messages need. REQUIRES: empty().
  void shrink();

 private:
  std::string before_;
  std::string piece_;
  std::string after_;
  std::size_t sent_ = 0;  // of all three
};

}  // namespace weft::http
