# cmake -DOUTPUT=FILE -DFOLDER=web/dist -DDOCUMENT=openapi.json -P embed.cmake: writes assets() of assets.h.
set(table "")
set(count 0)

function(content_type file result)
  set(types .html "text/html\; charset=utf-8" .js "text/javascript\; charset=utf-8" .css "text/css\; charset=utf-8"
            .svg image/svg+xml .png image/png .ico image/x-icon .json application/json .woff2 font/woff2
            .webmanifest application/manifest+json .txt "text/plain\; charset=utf-8")
  get_filename_component(extension "${file}" LAST_EXT)
  list(FIND types "${extension}" index)
  set(type application/octet-stream)
  if(NOT index EQUAL -1)
    math(EXPR index "${index} + 1")
    list(GET types ${index} type)
  endif()
  set(${result} "${type}" PARENT_SCOPE)
endfunction()

macro(embed file path)
  file(READ "${file}" hex HEX)
  file(SIZE "${file}" size)
  string(REGEX REPLACE "(..)" "\\\\x\\1" text "${hex}")
  content_type("${file}" type)
  string(APPEND table "    Asset{\"${path}\", \"${type}\", std::string_view(\"${text}\", ${size})},\n")
  math(EXPR count "${count} + 1")
endmacro()

embed("${DOCUMENT}" "/api/v1/openapi.json")
file(GLOB_RECURSE files RELATIVE "${FOLDER}" "${FOLDER}/*")
foreach(name IN LISTS files)
  if(NOT name MATCHES "\\.map$")
    embed("${FOLDER}/${name}" "/${name}")
  endif()
endforeach()

file(WRITE "${OUTPUT}" "#include \"servers/hub/assets.h\"\n\n#include <array>\n\nnamespace ferry::hub {\nnamespace {\n
constexpr std::array<Asset, ${count}> kAssets = {\n${table}};\n
}  // namespace\n
std::span<const Asset> assets() {\n  return kAssets;\n}\n
}  // namespace ferry::hub\n")
