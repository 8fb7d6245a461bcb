# cmake -DOUTPUT=FILE.cc -DPEM=FILE -P EmbedPem.cmake: writes a C++ source with weft::http::mozilla_roots(), the
# certificates of FILE without what is written between them.
file(READ ${PEM} content)
string(REGEX REPLACE "#[^\n]*\n" "" content "${content}")
string(REGEX REPLACE "\n\n+" "\n" content "${content}")
file(WRITE ${OUTPUT} "// Made by cmake/EmbedPem.cmake.
#include \"http/mozilla_roots.h\"

std::string_view weft::http::mozilla_roots() {
  return R\"embedded(${content})embedded\";
}
")
