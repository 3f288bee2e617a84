# caco_embed_text(TARGET HEADER variable=file ...): makes text files part of a library, so that its programs need no files at run time.
# For each pair a `const std::string_view variable` of namespace caco is defined; HEADER is the project header that declares them.
function(caco_embed_text target header)
  set(definitions "")
  foreach(pair ${ARGN})
    string(REPLACE "=" ";" parts ${pair})
    list(GET parts 0 variable)
    list(GET parts 1 file)
    file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${file} text)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    string(APPEND definitions "const std::string_view ${variable} = R\"EMBEDDED(${text})EMBEDDED\";\n")
  endforeach()
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_text.cpp)
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT
    "// Written by cmake/embed_text.cmake.\n#include \"${header}\"\n\nnamespace caco {\n@definitions@}  // namespace caco\n")
  target_sources(${target} PRIVATE ${output})
endfunction()
