// What the peer of an HTTP/2 connection may do, beside what http::Limits say of each request.
//
// Beyond a limit a stream ends with the named error, or the connection with GOAWAY and ENHANCE_YOUR_CALM where nothing
// else is said.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "http/body.h"

namespace weft::http2 {

struct Limits {
  // Requests that are open at a time on one connection: what browsers expect. More are refused, REFUSED_STREAM.
  std::uint32_t streams = 100;
  // What a peer may send of one body before its receiver took any of it: fits into the pipe. FLOW_CONTROL_ERROR.
  std::uint32_t stream_window = 65'535;
  // And of all bodies together: what a connection's receivers can leave unread in memory. As much as all streams may
  // have, so that a body that nobody takes holds up no other: a component may read its answers in any order.
  // FLOW_CONTROL_ERROR.
  std::int32_t connection_window = 100 * 65'535;

  // Streams that end before their response, whoever ended them: a client that closes a page cancels all it has open;
  // one that does it again and again makes us begin work for nobody (CVE-2023-44487, CVE-2025-8671).
  double early_ends = 200;
  double early_ends_per_second = 33;
  // Frames in a row without a request or a byte of a body: PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA, unknown
  // ones (CVE-2019-9512, -9515, -9518).
  double idle_frames = 1'000;
  double idle_frames_per_second = 10;
  // Answers to PING and SETTINGS that the peer does not read (CVE-2019-9512).
  std::size_t unread_answers = 500;
  // Frames of ours that the peer does not read, bodies apart: such as RST_STREAM for each stream that is refused.
  std::size_t unread_frames = 1'000;
  // Frames that continue one head (CVE-2024-27316), each of up to 16 KiB.
  std::size_t continuations = 8;
  // Entries of one SETTINGS frame.
  std::size_t settings = 32;
  // Of each HPACK table, whatever the peer allows.
  std::uint32_t header_table_bytes = 4'096;
  // Fields of one head, unpacked, after which the connection ends, not only the request: few bytes can stand for many
  // (CVE-2016-6581). A head above http::Limits::head_bytes is a 431.
  std::size_t unpacked_head_bytes = 1 << 20;
  // A head that we send. INTERNAL_ERROR.
  std::size_t sent_head_bytes = 1 << 20;
  // What a peer has to take of each response within http::Limits::write_timeout, if there is so much: one that opens
  // its windows byte by byte keeps our memory for ever (CVE-2019-9511, -9517). CANCEL.
  std::size_t least_taken = 1'024;
};

static_assert(Limits().stream_window <= http::body_pipe_capacity);

// Largest payload of a frame that is taken and sent: the least that all peers take.
inline constexpr std::size_t frame_bytes = 16 << 10;

}  // namespace weft::http2
