# cmake -DOUTPUT=FILE.cc -DLIST=FILE -P EmbedFiles.cmake: writes a C++ source with the content of text files.
# A line of LIST is `NAME|PATH`: the name in the program and the file it comes from.
file(STRINGS ${LIST} entries)
set(rows "")
foreach(entry IN LISTS entries)
  string(REGEX MATCH "^([^|]*)[|](.*)$" ignored "${entry}")
  set(name "${CMAKE_MATCH_1}")
  file(READ "${CMAKE_MATCH_2}" content)
  string(FIND "${content}" ")embedded\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${CMAKE_MATCH_2}: contains )embedded\", which ends a raw string")
  endif()
  string(APPEND rows "    {\"${name}\", R\"embedded(${content})embedded\"sv},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/EmbedFiles.cmake.
#include \"project/embedded.h\"

namespace weft::project {
namespace {

using namespace std::string_view_literals;

// The literals know their length: the compiler counts no more than so many characters.
constexpr EmbeddedFile files[] = {
${rows}};

}  // namespace

std::span<const EmbeddedFile> embedded_files() { return files; }

}  // namespace weft::project
")
