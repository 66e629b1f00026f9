# Writes a C++ source with the bytes of files: cmake -D OUTPUT=x.cpp -D "FILES=name=path;..." -P embed.cmake
set(text "#include \"report/page_assets.h\"\n\nnamespace unroll {\n")
foreach(entry IN LISTS FILES)
  string(REGEX MATCH "^([^=]+)=(.+)$" ignored "${entry}")
  set(name ${CMAKE_MATCH_1})
  file(READ "${CMAKE_MATCH_2}" bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND text "\nstatic const unsigned char k_${name}[] = {\n${bytes}};\n"
    "std::string_view ${name}() {\n  return {reinterpret_cast<const char*>(k_${name}), sizeof k_${name}};\n}\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}\n}  // namespace unroll\n")
