#include "static_files/media_types.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace weft::static_files {
namespace {

struct Entry {
  std::string_view extension;  // lower case
  MediaType type;
};

// Sorted by extension.
constexpr Entry entries[] = {
    {"7z", {"application/x-7z-compressed", Compressible::no}},
    {"aac", {"audio/aac", Compressible::no}},
    {"apng", {"image/apng", Compressible::no}},
    {"atom", {"application/atom+xml", Compressible::yes}},
    {"avi", {"video/x-msvideo", Compressible::no}},
    {"avif", {"image/avif", Compressible::no}},
    {"bin", {"application/octet-stream", Compressible::no}},
    {"bmp", {"image/bmp", Compressible::yes}},
    {"br", {"application/octet-stream", Compressible::no}},
    {"bz2", {"application/x-bzip2", Compressible::no}},
    {"cjs", {"text/javascript; charset=utf-8", Compressible::yes}},
    {"css", {"text/css; charset=utf-8", Compressible::yes}},
    {"csv", {"text/csv; charset=utf-8", Compressible::yes}},
    {"dae", {"model/vnd.collada+xml", Compressible::yes}},
    {"deb", {"application/vnd.debian.binary-package", Compressible::no}},
    {"doc", {"application/msword", Compressible::yes}},
    {"docx", {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", Compressible::no}},
    {"dtd", {"application/xml-dtd", Compressible::yes}},
    {"eot", {"application/vnd.ms-fontobject", Compressible::yes}},
    {"epub", {"application/epub+zip", Compressible::no}},
    {"flac", {"audio/flac", Compressible::no}},
    {"geojson", {"application/geo+json", Compressible::yes}},
    {"gif", {"image/gif", Compressible::no}},
    {"glb", {"model/gltf-binary", Compressible::yes}},
    {"gltf", {"model/gltf+json", Compressible::yes}},
    {"gz", {"application/gzip", Compressible::no}},
    {"heic", {"image/heic", Compressible::no}},
    {"heif", {"image/heif", Compressible::no}},
    {"htm", {"text/html; charset=utf-8", Compressible::yes}},
    {"html", {"text/html; charset=utf-8", Compressible::yes}},
    {"ico", {"image/vnd.microsoft.icon", Compressible::yes}},
    {"ics", {"text/calendar; charset=utf-8", Compressible::yes}},
    {"jar", {"application/java-archive", Compressible::no}},
    {"jpeg", {"image/jpeg", Compressible::no}},
    {"jpg", {"image/jpeg", Compressible::no}},
    {"js", {"text/javascript; charset=utf-8", Compressible::yes}},
    {"json", {"application/json", Compressible::yes}},
    {"json5", {"application/json5", Compressible::yes}},
    {"jsonld", {"application/ld+json", Compressible::yes}},
    {"jxl", {"image/jxl", Compressible::no}},
    {"kml", {"application/vnd.google-earth.kml+xml", Compressible::yes}},
    {"kmz", {"application/vnd.google-earth.kmz", Compressible::no}},
    {"log", {"text/plain; charset=utf-8", Compressible::yes}},
    {"m3u8", {"application/vnd.apple.mpegurl", Compressible::yes}},
    {"m4a", {"audio/mp4", Compressible::no}},
    {"m4v", {"video/mp4", Compressible::no}},
    {"map", {"application/json", Compressible::yes}},
    {"markdown", {"text/markdown; charset=utf-8", Compressible::yes}},
    {"md", {"text/markdown; charset=utf-8", Compressible::yes}},
    {"mid", {"audio/midi", Compressible::yes}},
    {"midi", {"audio/midi", Compressible::yes}},
    {"mjs", {"text/javascript; charset=utf-8", Compressible::yes}},
    {"mkv", {"video/matroska", Compressible::no}},
    {"mov", {"video/quicktime", Compressible::no}},
    {"mp3", {"audio/mpeg", Compressible::no}},
    {"mp4", {"video/mp4", Compressible::no}},
    {"mpd", {"application/dash+xml", Compressible::yes}},
    {"mpeg", {"video/mpeg", Compressible::no}},
    {"mpg", {"video/mpeg", Compressible::no}},
    {"ndjson", {"application/x-ndjson", Compressible::yes}},
    {"odp", {"application/vnd.oasis.opendocument.presentation", Compressible::no}},
    {"ods", {"application/vnd.oasis.opendocument.spreadsheet", Compressible::no}},
    {"odt", {"application/vnd.oasis.opendocument.text", Compressible::no}},
    {"oga", {"audio/ogg", Compressible::no}},
    {"ogg", {"audio/ogg", Compressible::no}},
    {"ogv", {"video/ogg", Compressible::no}},
    {"opus", {"audio/ogg", Compressible::no}},
    {"otf", {"font/otf", Compressible::yes}},
    {"parquet", {"application/vnd.apache.parquet", Compressible::no}},
    {"pdf", {"application/pdf", Compressible::no}},
    {"pmtiles", {"application/vnd.pmtiles", Compressible::no}},
    {"png", {"image/png", Compressible::no}},
    {"ppt", {"application/vnd.ms-powerpoint", Compressible::yes}},
    {"pptx", {"application/vnd.openxmlformats-officedocument.presentationml.presentation", Compressible::no}},
    {"ps", {"application/postscript", Compressible::yes}},
    {"rdf", {"application/rdf+xml", Compressible::yes}},
    {"rss", {"application/rss+xml", Compressible::yes}},
    {"rtf", {"application/rtf", Compressible::yes}},
    {"sh", {"application/x-sh", Compressible::yes}},
    {"stl", {"model/stl", Compressible::yes}},
    {"svg", {"image/svg+xml", Compressible::yes}},
    {"svgz", {"image/svg+xml", Compressible::no}},
    {"tar", {"application/x-tar", Compressible::yes}},
    {"tgz", {"application/gzip", Compressible::no}},
    {"tif", {"image/tiff", Compressible::yes}},
    {"tiff", {"image/tiff", Compressible::yes}},
    {"toml", {"application/toml", Compressible::yes}},
    {"ts", {"video/mp2t", Compressible::no}},
    {"tsv", {"text/tab-separated-values; charset=utf-8", Compressible::yes}},
    {"ttc", {"font/collection", Compressible::yes}},
    {"ttf", {"font/ttf", Compressible::yes}},
    {"ttl", {"text/turtle; charset=utf-8", Compressible::yes}},
    {"txt", {"text/plain; charset=utf-8", Compressible::yes}},
    {"vtt", {"text/vtt; charset=utf-8", Compressible::yes}},
    {"wasm", {"application/wasm", Compressible::yes}},
    {"wat", {"text/plain; charset=utf-8", Compressible::yes}},
    {"wav", {"audio/wav", Compressible::yes}},
    {"weba", {"audio/webm", Compressible::no}},
    {"webm", {"video/webm", Compressible::no}},
    {"webmanifest", {"application/manifest+json", Compressible::yes}},
    {"webp", {"image/webp", Compressible::no}},
    {"wgsl", {"text/wgsl; charset=utf-8", Compressible::yes}},
    {"wit", {"text/plain; charset=utf-8", Compressible::yes}},
    {"woff", {"font/woff", Compressible::no}},
    {"woff2", {"font/woff2", Compressible::no}},
    {"xhtml", {"application/xhtml+xml", Compressible::yes}},
    {"xls", {"application/vnd.ms-excel", Compressible::yes}},
    {"xlsx", {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Compressible::no}},
    {"xml", {"application/xml", Compressible::yes}},
    {"xsd", {"application/xml", Compressible::yes}},
    {"xsl", {"application/xslt+xml", Compressible::yes}},
    {"xslt", {"application/xslt+xml", Compressible::yes}},
    {"xz", {"application/x-xz", Compressible::no}},
    {"yaml", {"application/yaml", Compressible::yes}},
    {"yml", {"application/yaml", Compressible::yes}},
    {"zip", {"application/zip", Compressible::no}},
    {"zst", {"application/zstd", Compressible::no}},
};
static_assert(std::ranges::is_sorted(entries, {}, &Entry::extension));

constexpr std::size_t max_extension =
    std::ranges::max(entries, {}, [](const Entry& entry) { return entry.extension.size(); }).extension.size();
constexpr MediaType unknown{"application/octet-stream", Compressible::no};

}  // namespace

const MediaType& media_type_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.size() - dot - 1 > max_extension) return unknown;
  std::array<char, max_extension> lower{};
  const auto end = std::ranges::transform(name.substr(dot + 1), lower.begin(), [](char c) {
                     return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
                   }).out;
  const std::string_view extension(lower.begin(), end);
  const auto found = std::ranges::lower_bound(entries, extension, {}, &Entry::extension);
  return found != std::end(entries) && found->extension == extension ? found->type : unknown;
}

}  // namespace weft::static_files
