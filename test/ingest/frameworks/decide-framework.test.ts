import { describe, expect, test } from "vitest";
import { decideFramework } from "../../../src/ingest/frameworks/index.ts";
import { trace } from "../../support/trace-builder.ts";

const nothing = { serverArgs: null, override: null, fileName: "x.json.gz" };

function withFrames(...texts: string[]) {
  const built = trace();
  for (const text of texts) built.frame(text, 0, 10);
  return built;
}

describe("Python frames", () => {
  test.each([
    ["sglang", "/sgl-workspace/sglang/python/sglang/srt/managers/scheduler.py(1): run_batch"],
    ["vllm", "vllm/v1/worker/gpu_model_runner.py(2907): execute_model"],
    ["trtllm", "tensorrt_llm/_torch/pyexecutor/py_executor.py(99): _forward_step"],
    ["tokenspeed", "tokenspeed/runtime/execution/model_executor.py(7): forward"],
  ])("%s by its engine", (framework, text) => {
    const decided = decideFramework(withFrames(text).build(), nothing);
    expect(decided.framework).toBe(framework);
    expect(decided.evidence).toContain("Python frames");
  });

  test("the engine that runs wins over packages it borrows from", () => {
    const built = withFrames("sglang/srt/managers/scheduler.py(1): run_batch");
    for (let i = 0; i < 50; i++) built.frame("vllm/_custom_ops.py(334): rms_norm", i, i + 1);
    expect(decideFramework(built.build(), nothing).framework).toBe("sglang");
  });

  test("a folder that bears the name is no package", () => {
    const decided = decideFramework(withFrames("/home/me/vllm/train.py(1): main").build(), nothing);
    expect(decided.framework).toBe("unknown");
  });
});

test("kernel names tell nothing", () => {
  const built = trace()
    .kernel("void tensorrt_llm::kernels::quantize_with_block_size<1>(int)")
    .launchedBy()
    .kernel("void vllm::rms_norm_kernel<float>(float*)")
    .launchedBy();
  const decided = decideFramework(built.build(), nothing);
  expect(decided.framework).toBe("unknown");
  expect(decided.evidence).toBe(
    "the trace has no Python frames, no step annotations, no server args",
  );
});

describe("annotations", () => {
  test("step[…] speaks for SGLang, and says who else writes it", () => {
    const decided = decideFramework(trace().annotation("step[DECODE bs=1]", 0, 5).build(), nothing);
    expect(decided.framework).toBe("sglang");
    expect(decided.evidence).toContain("TensorRT-LLM");
  });

  test("the executor's step outweighs step[…]", () => {
    const built = trace()
      .annotation("step[DECODE bs=1]", 0, 5)
      .annotation("[Executor] _forward_step 3: 0 ctx reqs, 1 gen reqs", 0, 5);
    expect(decideFramework(built.build(), nothing).framework).toBe("trtllm");
  });

  test("a step that names its sampling is TensorRT-LLM's", () => {
    const built = trace()
      .annotation("step[DECODE bs=1]", 0, 5)
      .annotation("step[DECODE bs=1] sample", 6, 8);
    expect(decideFramework(built.build(), nothing).framework).toBe("trtllm");
  });

  test("vLLM's old spelling is its own; the newer one alone is not enough", () => {
    const old = trace().annotation("execute_context_1(8_8)_generation_0(0)", 0, 5);
    expect(decideFramework(old.build(), nothing).framework).toBe("vllm");
    const shared = trace().annotation("execute_8_context_0(sq0)_generation_8(sq8)", 0, 5);
    const decided = decideFramework(shared.build(), nothing);
    expect(decided.framework).toBe("unknown");
    expect(decided.evidence).toContain("written by several engines");
  });
});

test.each([
  ["sglang", "thread 263 (sglang::schedul)"],
  ["vllm", "thread 851 (VLLM::EngineCor)"],
  ["trtllm", "thread 4410 (trtllm-serve)"],
  ["unknown", "thread 25286 (python3)"],
])("%s by the name of its process: %s", (framework, name) => {
  const built = trace();
  built.thread("263", name);
  const decided = decideFramework(built.build(), nothing);
  expect(decided.framework).toBe(framework);
});

describe("server args", () => {
  test("two keys of an engine's own", () => {
    const serverArgs = { attention_backend: "fa3", chunked_prefill_size: 8192 };
    const decided = decideFramework(trace().build(), { ...nothing, serverArgs });
    expect(decided.framework).toBe("sglang");
    expect(decided.evidence).toContain("server args attention_backend");
  });

  test("what the trace ran beats args left from another run", () => {
    const built = withFrames("vllm/v1/worker/gpu_model_runner.py(2907): execute_model");
    const serverArgs = { attention_backend: "fa3", chunked_prefill_size: 8192 };
    expect(decideFramework(built.build(), { ...nothing, serverArgs }).framework).toBe("vllm");
  });
});

test("the user's word decides", () => {
  const built = withFrames("vllm/v1/worker/gpu_model_runner.py(2907): execute_model").build();
  expect(decideFramework(built, { ...nothing, override: "trtllm" }).framework).toBe("trtllm");
  expect(decideFramework(built, { ...nothing, override: "unknown" }).framework).toBe("unknown");
});
