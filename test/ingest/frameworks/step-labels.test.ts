import { describe, expect, test } from "vitest";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import { tokenspeed } from "../../../src/ingest/frameworks/tokenspeed.ts";
import { trtllm } from "../../../src/ingest/frameworks/trtllm.ts";
import { unknown } from "../../../src/ingest/frameworks/unknown.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";

test("a vLLM step without requests, by which workers hear what ended, bounds nothing", () => {
  expect(vllm.step("execute_context_0(0)_generation_0(0)")).toBeNull();
  expect(vllm.step("execute_context_0(0)_generation_1(1)")).toMatchObject({ stage: "decode" });
});

describe("SGLang steps", () => {
  test.each([
    ["step[DECODE bs=32]", "decode", 32, 32],
    ["step[EXTEND bs=15 toks=15360]", "prefill", 15, 15360],
    ["step[EXTEND bs=2 toks=12 c_sqsq=80 c_sqsk=120 c_sk=20]", "prefill", 2, 12],
    ["step[DECODE bs=2 g_sq=2 g_sqsq=2 g_sqsk=30 g_sk=30]", "decode", 2, 2],
    ["step[TARGET_VERIFY bs=8]", "decode", 8, 8],
    ["draft step[DECODE bs=8]", "decode", 8, 8],
    ["step[MIXED bs=2 toks=6]", "mixed", 2, 6],
    ["step[MIXED bs=2 c=1 g=1 c_sq=5 g_sq=1]", "mixed", 2, null],
    ["step[MIXED bs=1 c=1 g=0 c_sq=3]", "prefill", 1, null],
    ["step[IDLE bs=0]", "all", 0, null],
  ])("%s", (annotation, stage, batchSize, tokens) => {
    expect(sglang.step(annotation)).toMatchObject({ stage, batchSize, tokens });
  });

  test.each([
    "my step[DECODE bs=4]",
    "ProfilerStep#6",
    "## Call CompiledFxGraph f4ii27 ##",
    "nccl:_all_gather_base",
    "capture_32_DECODE",
  ])("%s is no step", (annotation) => expect(sglang.step(annotation)).toBeNull());

  test.each([
    ["step[VERIFY bs=32]", "decode", "verify"],
    ["step[TARGET_VERIFY bs=2]", "decode", "verify"],
    ["step[DRAFT bs=32]", "decode", "draft"],
    ["step[DRAFT_EXTEND_V2 bs=1 toks=4]", "decode", "draft"],
    ["draft step[DECODE bs=8]", "decode", "draft"],
    ["step[DECODE bs=8]", "decode", null],
    ["step[EXTEND bs=1 toks=8]", "prefill", null],
  ])("%s is a step of %s, phase %s", (annotation, stage, phase) => {
    expect(sglang.step(annotation)).toMatchObject({ stage, phase, isUnknown: false });
  });

  test("a mode without a word bounds a step, of no stage", () => {
    expect(sglang.step("step[WHATEVER bs=4]")).toMatchObject({
      stage: "all",
      batchSize: 4,
      phase: null,
      isUnknown: true,
    });
  });

  test("requests are told apart by kind", () => {
    expect(sglang.step("step[EXTEND bs=15 toks=15360]")?.requests).toEqual({
      context: 15,
      contextTokens: 15360,
      generation: 0,
    });
    expect(sglang.step("step[DECODE bs=32]")?.requests).toEqual({
      context: 0,
      contextTokens: 0,
      generation: 32,
    });
    expect(sglang.step("execute_context_2(888_7)_generation_3(3)")?.requests).toEqual({
      context: 2,
      contextTokens: 888,
      generation: 3,
    });
  });

  test("the vLLM spelling that ROCm builds add is trusted less than step[…]", () => {
    const own = sglang.step("step[DECODE bs=32]");
    const copied = sglang.step("execute_32_context_0(sq0sk0)_generation_32(sq32sk32785)");
    expect(copied?.stage).toBe("decode");
    expect(copied!.trust).toBeLessThan(own!.trust);
  });
});

describe("vLLM steps", () => {
  test.each([
    ["execute_context_1(888_788544)_generation_0(0)", "prefill", 1, 888],
    ["execute_context_0(0)_generation_16(16)", "decode", 16, 16],
    [
      "execute_16_context_0(sq0sk0sqsq0sqsk0)_generation_16(sq16sk8209sqsq16sqsk8209)",
      "decode",
      16,
      16,
    ],
    [
      "execute_8192_context_9(sq8155sk8155sqsq1sqsk1)_generation_37(sq37sk37sqsq37sqsk37)",
      "mixed",
      46,
      8192,
    ],
    ["execute_new_2_cached_0", "prefill", 2, null],
    ["execute_new_0_cached_8", "decode", 8, null],
    ["execute_new_1_cached_8", "mixed", 9, null],
  ])("%s", (annotation, stage, batchSize, tokens) => {
    expect(vllm.step(annotation)).toMatchObject({ stage, batchSize, tokens });
  });

  test("SGLang's spelling is not vLLM's", () => {
    expect(vllm.step("step[DECODE bs=32]")).toBeNull();
  });
});

describe("TensorRT-LLM steps", () => {
  test.each([
    ["[Executor] _forward_step 12: 1 ctx reqs, 0 gen reqs", "prefill", 1, null],
    ["[Executor] _forward_step 13: 0 ctx reqs, 32 gen reqs", "decode", 32, 32],
    ["[Executor] _forward_step 13: 2 ctx reqs, 900 ctx tokens, 30 gen reqs", "mixed", 32, 930],
    ["[Executor] _forward_step: 0 ctx reqs, 4 gen reqs", "decode", 4, 4],
    ["step[EXTEND bs=2 toks=4096]", "prefill", 2, 4096],
  ])("%s", (annotation, stage, batchSize, tokens) => {
    expect(trtllm.step(annotation)).toMatchObject({ stage, batchSize, tokens });
  });

  test("sampling is a part of a step, not one", () => {
    expect(trtllm.step("step[DECODE bs=4] sample")).toMatchObject({
      stage: "decode",
      isPart: true,
    });
    expect(trtllm.step("step[DECODE bs=4]")).toMatchObject({ isPart: false });
  });
});

test("TokenSpeed tells stages by its functions", () => {
  const at = "tokenspeed/runtime/layers/attention/backends/trtllm.py";
  expect(tokenspeed.stageOfFrame(at, "forward_decode")).toBe("decode");
  expect(tokenspeed.stageOfFrame(at, "forward_extend")).toBe("prefill");
  expect(tokenspeed.stageOfFrame("sglang/srt/x.py", "forward_decode")).toBeNull();
});

test("without a framework every spelling is read, and the profiler's own step is of no stage", () => {
  expect(unknown.step("step[DECODE bs=1]")?.stage).toBe("decode");
  expect(unknown.step("execute_context_1(8_8)_generation_0(0)")?.stage).toBe("prefill");
  expect(unknown.step("ProfilerStep#6")?.stage).toBe("all");
});
