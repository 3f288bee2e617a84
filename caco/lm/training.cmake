# The training part of caco-lm. The kernels are compiled once per instruction set; see kernels.h.
set(lm_kernel_flags -O3 -fno-math-errno -fno-trapping-math -fassociative-math -fno-signed-zeros
  -freciprocal-math -ffp-contract=fast)
set(lm_avx512_flags -mavx2 -mfma -mavx512f -mavx512bw -mavx512dq -mavx512vl
  -mprefer-vector-width=512)

function(caco_lm_kernels table name)
  add_library(caco_lm_kernels_${name} OBJECT kernels_variant.cpp)
  target_include_directories(caco_lm_kernels_${name} PRIVATE ${lm_root})
  # The compiler takes the deliberately undefined operands in its own intrinsics for a mistake.
  target_compile_options(caco_lm_kernels_${name} PRIVATE ${lm_warnings} -Wno-uninitialized
    -Wno-maybe-uninitialized ${lm_kernel_flags} ${ARGN})
  target_compile_definitions(caco_lm_kernels_${name} PRIVATE CACO_KERNEL_TABLE=${table}
    CACO_KERNEL_NAME="${name}")
endfunction()
caco_lm_kernels(kKernelsBaseline baseline)
caco_lm_kernels(kKernelsAvx2 avx2 -mavx2 -mfma)
caco_lm_kernels(kKernelsAvx512 avx512 ${lm_avx512_flags})
caco_lm_kernels(kKernelsAvx512Bf16 avx512bf16 ${lm_avx512_flags} -mavx512bf16)

caco_lm_library(caco_lm_kernels
  SOURCES kernels.cpp matmul.cpp cpu_environment.cpp
    $<TARGET_OBJECTS:caco_lm_kernels_baseline> $<TARGET_OBJECTS:caco_lm_kernels_avx2>
    $<TARGET_OBJECTS:caco_lm_kernels_avx512> $<TARGET_OBJECTS:caco_lm_kernels_avx512bf16>
  DEPENDS ${LM_OPENBLAS})

caco_lm_library(caco_lm_training
  SOURCES adapter_merge.cpp attention.cpp batch_plan.cpp lora_training.cpp muon.cpp parameter_layout.cpp
    step_runner.cpp trainer.cpp training_card.cpp training_data.cpp training_engine.cpp
    training_log.cpp training_output.cpp training_plot.cpp training_recipe.cpp
    training_recipe_python.cpp training_records.cpp training_report.cpp training_state.cpp
    transformer.cpp transformer_backward.cpp turn_template.cpp
  DEPENDS caco_lm_model caco_lm_kernels caco_lm_tokenizer ZLIB::ZLIB)
caco_lm_test(training DEPENDS caco_lm_training
  FILES adapter_merge_test.cpp batch_plan_test.cpp kernels_test.cpp lora_training_test.cpp muon_test.cpp
    trainer_output_test.cpp trainer_resume_test.cpp trainer_test.cpp training_data_test.cpp training_log_test.cpp
    training_recipe_test.cpp transformer_test.cpp turn_template_test.cpp)
