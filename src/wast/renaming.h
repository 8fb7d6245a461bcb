// New names for the free names of a script, the same everywhere in it.
//
// A free name is one whose text means nothing: names of imports and exports. What means something stays:
// annotations such as [method], the parts of a name, which words are upper case, versions, and every name that is not
// well-formed, since that is then the point of it. Renaming is a bijection, and depends on nothing but the name's level
// and text, so that equal names stay equal wherever they stand.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::wast {

class Renaming {
 public:
  // Of a component's import or export.
  std::string component_name(const std::string& name);
  // Of a core module's import or export, at either of its two levels.
  std::string core_name(const std::string& name);

  // The old names in place of the new ones: for messages.
  std::string restore(std::string_view text) const;

 private:
  enum class Level : std::uint8_t { word, core };
  std::string token(Level level, const std::string& old_text);
  std::string word(std::string_view text);

  std::map<std::pair<Level, std::string>, std::string> tokens_;
  std::map<std::string, std::string, std::less<>> old_texts_;  // by token
};

}  // namespace weft::wast
