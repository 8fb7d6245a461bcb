// The spin-* fields that the HTTP trigger adds to a request.
#pragma once

#include "http/message.h"
#include "manifest/routes.h"

namespace weft::trigger {

// Removes every field that begins with "spin-" (a client must not be able to pretend), and adds the trigger's own.
void set_spin_headers(http::RequestHead& head, const manifest::Match& match);

// True when every value is UTF-8, as guests may rely on.
bool values_are_utf8(const http::Fields& fields);

}  // namespace weft::trigger
