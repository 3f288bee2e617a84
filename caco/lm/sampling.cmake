# Text to token ids and back, decoding, the calculator, the HTTP server. Nothing here needs
# LibTorch or a BLAS.
find_package(PkgConfig REQUIRED)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)

caco_lm_library(caco_lm_tokenizer
  SOURCES added_tokens.cpp bpe.cpp bpe_trainer.cpp byte_level.cpp chat_template.cpp
    jinja.cpp jinja_arguments.cpp jinja_expression_parser.cpp jinja_filters.cpp jinja_items.cpp jinja_lexer.cpp
    jinja_methods.cpp jinja_operators.cpp jinja_parser.cpp jinja_scope.cpp jinja_text.cpp jinja_value.cpp
    normalizer.cpp pre_tokenizer.cpp
    split_scanner.cpp tokenizer.cpp tokenizer_config.cpp tokenizer_files.cpp tokenizer_json.cpp
    tokenizer_regex.cpp tokenizer_regex_dialect.cpp unicode.cpp
  DEPENDS PkgConfig::PCRE2)
caco_lm_test(tokenizer DEPENDS caco_lm_tokenizer ZLIB::ZLIB
  FILES bpe_trainer_test.cpp byte_level_test.cpp chat_template_test.cpp split_scanner_test.cpp tokenizer_golden_test.cpp
    tokenizer_test.cpp)

# The decode kernels are compiled once per instruction set; see decode_kernels_variant.cpp. Sums are
# never re-ordered (no -fassociative-math): a row's result must not depend on its batch. GCC 12 warns
# about the undefined pass-through operand inside its own intrinsics, hence -Wno-maybe-uninitialized.
function(caco_lm_decode_kernels table name)
  add_library(caco_lm_decode_kernels_${name} OBJECT ${lm_root}/caco/lm/decode_kernels_variant.cpp)
  target_include_directories(caco_lm_decode_kernels_${name} PRIVATE ${lm_root})
  target_compile_options(caco_lm_decode_kernels_${name} PRIVATE ${lm_warnings} -O3
    -ffp-contract=fast -fno-math-errno -fno-trapping-math -Wno-psabi -Wno-maybe-uninitialized
    ${ARGN})
  target_compile_definitions(caco_lm_decode_kernels_${name} PRIVATE CACO_DECODE_TABLE=${table}
    CACO_DECODE_NAME="${name}")
endfunction()
set(lm_decode_kernel_objects)
caco_lm_decode_kernels(kDecodeKernelsBaseline baseline)
list(APPEND lm_decode_kernel_objects $<TARGET_OBJECTS:caco_lm_decode_kernels_baseline>)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  caco_lm_decode_kernels(kDecodeKernelsAvx2 avx2 -mavx2 -mfma -mf16c)
  caco_lm_decode_kernels(kDecodeKernelsAvx512 avx512 -mavx2 -mfma -mf16c -mavx512f -mavx512vl
    -mprefer-vector-width=512)
  list(APPEND lm_decode_kernel_objects $<TARGET_OBJECTS:caco_lm_decode_kernels_avx2>
    $<TARGET_OBJECTS:caco_lm_decode_kernels_avx512>)
endif()

caco_lm_library(caco_lm_decoding
  SOURCES calculator.cpp decode_engine.cpp decode_kernels.cpp decode_model.cpp decode_setup.cpp
    decode_step.cpp decode_worker.cpp float_buffer.cpp generation.cpp reply_builder.cpp sampler.cpp
    ${lm_decode_kernel_objects}
  DEPENDS caco_lm_model caco_lm_tokenizer)
caco_lm_test(decoding DEPENDS caco_lm_decoding
  FILES calculator_test.cpp decode_engine_test.cpp decode_model_test.cpp reply_builder_test.cpp sampler_test.cpp)

# The server. The HTTP library is a compiled package: its own flags decide the layout of its types.
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
caco_lm_library(caco_lm_sampling
  SOURCES exchange.cpp http_server.cpp openai_error.cpp openai_fields.cpp
    openai_reply.cpp openai_request.cpp server.cpp server_metrics.cpp
  DEPENDS caco_lm_decoding PkgConfig::HTTPLIB)
if(GTest_FOUND)
  caco_lm_library(caco_lm_http_test_client SOURCES http_test_client.cpp)
  caco_lm_test(server DEPENDS caco_lm_sampling caco_lm_http_test_client
    FILES server_defaults_test.cpp server_load_test.cpp server_replies_test.cpp server_requests_test.cpp server_test.cpp)
  # Hundreds of JSON literals, each used once: optimising them takes longer than the test.
  target_compile_options(lm_server_test PRIVATE -O0)
endif()
