import { describe, expect, test } from "vitest";
import { matchLaunches } from "../../../src/engine/attribution/launches.ts";
import { assignSteps } from "../../../src/engine/stages/assign-steps.ts";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import { tokenspeed } from "../../../src/ingest/frameworks/tokenspeed.ts";
import { trtllm } from "../../../src/ingest/frameworks/trtllm.ts";
import { unknown } from "../../../src/ingest/frameworks/unknown.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import { type FrameworkProfile, STAGES } from "../../../src/model/framework.ts";
import type { StageHint } from "../../../src/model/trace/trace-selection.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";

function assign(built: TraceBuilder, profile: FrameworkProfile, hint: StageHint | null = null) {
  const ready = built.build();
  const { steps, stepOf, stageOf } = assignSteps(ready, profile, matchLaunches(ready), hint);
  return {
    steps,
    stepOf: [...stepOf],
    stages: Array.from(stageOf, (code) => STAGES[code]),
  };
}

const DECODE_FILE: StageHint = { stage: "decode", from: "file-name", text: "-DECODE" };

describe("which step a kernel belongs to", () => {
  test("the one that launched it, however late it runs", () => {
    const built = trace()
      .annotation("step[EXTEND bs=1 toks=8]", 0, 100)
      .annotation("step[DECODE bs=1]", 100, 200)
      .kernel("slow", { at: 10, us: 140 })
      .launchedBy("cudaLaunchKernel", { at: 5 })
      .kernel("late", { at: 150, us: 10 })
      .launchedBy("cudaLaunchKernel", { at: 90 })
      .kernel("decode", { at: 160, us: 10 })
      .launchedBy("cudaLaunchKernel", { at: 120 });
    expect(assign(built, sglang)).toMatchObject({
      stepOf: [0, 0, 1],
      stages: ["prefill", "prefill", "decode"],
    });
  });

  test("a replay is its launch's", () => {
    const built = trace()
      .annotation("execute_context_0(0)_generation_2(2)", 0, 100)
      .replay(["a", "b", "c"], { at: 300 });
    expect(assign(built, vllm).stages).toEqual(["decode", "decode", "decode"]);
  });

  test("sampling belongs to the step that shares a Python call with it", () => {
    const built = trace();
    for (const [at, name] of [
      [0, "step[EXTEND bs=1 toks=8]"],
      [1000, "step[DECODE bs=1]"],
    ] as const) {
      built
        .frame("sglang/srt/managers/scheduler.py(10): run_batch", at, at + 500)
        .annotation(name, at + 50, at + 200)
        .kernel("forward", { at: at + 60 })
        .launchedBy("cudaLaunchKernel", { at: at + 60 })
        .kernel("sample", { at: at + 310 })
        .launchedBy("cudaLaunchKernel", { at: at + 300 });
    }
    built.frame("sglang/srt/managers/scheduler.py(1): event_loop", -10, 3000);
    built.kernel("between", { at: 800 }).launchedBy("cudaLaunchKernel", { at: 700 });
    expect(assign(built, sglang).stages).toEqual(["prefill", "prefill", "all", "decode", "decode"]);
  });

  test("sampling that is annotated itself is part of the step before it", () => {
    const built = trace();
    for (const [at, label] of [
      [0, "step[EXTEND bs=1 toks=8]"],
      [1000, "step[DECODE bs=1]"],
    ] as const)
      built
        .annotation(label, at, at + 100)
        .annotation(`${label} sample`, at + 200, at + 300)
        .kernel("argmax", { at: at + 260 })
        .launchedBy("cudaLaunchKernel", { at: at + 250 });
    expect(assign(built, trtllm)).toMatchObject({
      stepOf: [0, 1],
      steps: [
        { stage: "prefill", cpuEnd: 100_000 },
        { stage: "decode", cpuEnd: 1_100_000 },
      ],
    });
  });

  test("a thread without steps works for the step that is running", () => {
    const built = trace();
    const other = built.thread("communicator");
    built
      .annotation("step[EXTEND bs=1 toks=8]", 0, 100)
      .annotation("step[DECODE bs=1]", 100, 200)
      .kernel("all_reduce", { at: 160 })
      .launchedBy("cudaLaunchKernel", { at: 150, thread: other });
    expect(assign(built, sglang).stages).toEqual(["decode"]);
  });

  test("where the launch is missing the GPU annotation covers it", () => {
    const built = trace()
      .annotation("step[EXTEND bs=1 toks=8]", 0, 10)
      .annotation("step[EXTEND bs=1 toks=8]", 100, 200, { onGpu: true })
      .annotation("step[DECODE bs=4]", 300, 400, { onGpu: true })
      .kernel("prefill", { at: 150 })
      .notLaunched()
      .kernel("decode", { at: 350 })
      .notLaunched()
      .kernel("after", { at: 450 })
      .notLaunched();
    const { stages, steps, stepOf } = assign(built, sglang);
    expect(stages).toEqual(["prefill", "decode", "all"]);
    expect(stepOf).toEqual([0, 1, -1]);
    expect(steps[1]).toMatchObject({ label: "step[DECODE bs=4]", batchSize: 4 });
  });
});

describe("what no step launched", () => {
  test("goes to the only stage there is", () => {
    const built = trace()
      .annotation("step[DECODE bs=1]", 100, 200)
      .kernel("before", { at: 10 })
      .launchedBy("cudaLaunchKernel", { at: 10 })
      .kernel("inside", { at: 150 })
      .launchedBy("cudaLaunchKernel", { at: 150 });
    expect(assign(built, sglang)).toMatchObject({ stepOf: [-1, 0], stages: ["decode", "decode"] });
  });

  test("is of no stage where there are several", () => {
    const built = trace()
      .annotation("step[EXTEND bs=1 toks=8]", 100, 200)
      .annotation("step[DECODE bs=1]", 300, 400)
      .kernel("before", { at: 10 })
      .launchedBy("cudaLaunchKernel", { at: 10 });
    expect(assign(built, sglang).stages).toEqual(["all"]);
  });
});

describe("spans around one iteration", () => {
  test("the outermost gives the window, the most trusted the label", () => {
    const built = trace()
      .annotation("execute_8_context_1(sq8)_generation_0(sq0)", 0, 100)
      .annotation("step[MIXED bs=2 c=1 g=1]", 20, 80)
      .frame("sglang/srt/model_executor/model_runner.py(3003): forward_extend", 22, 78);
    expect(assign(built, sglang).steps).toMatchObject([
      { stage: "mixed", label: "step[MIXED bs=2 c=1 g=1]", cpuStart: 0, cpuEnd: 100_000 },
    ]);
  });

  test("a loop around several steps is none", () => {
    const built = trace()
      .annotation("ProfilerStep#1", 0, 1000)
      .annotation("step[EXTEND bs=1 toks=8]", 10, 100)
      .annotation("step[DECODE bs=1]", 200, 300);
    expect(assign(built, unknown).steps.map((step) => step.stage)).toEqual(["prefill", "decode"]);
  });

  test("draft and verify passes of one engine iteration are one step", () => {
    const built = trace()
      .annotation("execute_8_context_0(sq0)_generation_8(sq8)", 0, 100)
      .annotation("draft step[DECODE bs=8]", 10, 30)
      .annotation("step[TARGET_VERIFY bs=8]", 40, 90);
    expect(assign(built, sglang).steps).toMatchObject([{ stage: "decode", cpuStart: 0 }]);
  });
});

describe("without annotations", () => {
  test("Python frames tell the stage", () => {
    const built = trace()
      .frame("sglang/srt/model_executor/model_runner.py(3003): forward_extend", 0, 100)
      .frame("sglang/srt/layers/attention/aiter_backend.py(2039): forward_extend", 10, 50)
      .frame("sglang/srt/model_executor/model_runner.py(2900): forward_decode", 200, 300)
      .kernel("a", { at: 20 })
      .launchedBy("cudaLaunchKernel", { at: 20 })
      .kernel("b", { at: 250 })
      .launchedBy("cudaLaunchKernel", { at: 250 });
    const { steps, stages } = assign(built, sglang);
    expect(stages).toEqual(["prefill", "decode"]);
    expect(steps.map((step) => step.from)).toEqual(["python-frame", "python-frame"]);
  });

  test("an attention backend's calls are one step per pass over the model", () => {
    const built = trace();
    const decode = "tokenspeed/runtime/layers/attention/backends/mha.py(9): forward_decode";
    const extend = "tokenspeed/runtime/layers/attention/backends/mha.py(5): forward_extend";
    for (const [at, second] of [
      [0, decode],
      [100, extend],
    ] as const)
      built
        .frame("tokenspeed/runtime/execution/model_runner.py(1): forward", at, at + 60)
        .frame("nn.Module: Qwen3Model_0", at + 1, at + 50)
        .frame("nn.Module: Attention_0", at + 2, at + 10)
        .frame(decode, at + 3, at + 9)
        .frame("nn.Module: Attention_1", at + 12, at + 20)
        .frame(second, at + 13, at + 19);
    expect(assign(built, tokenspeed).steps).toMatchObject([
      { stage: "decode", cpuStart: 1000, cpuEnd: 50_000 },
      { stage: "mixed", cpuStart: 101_000, cpuEnd: 150_000 },
    ]);
  });

  test("the file's name is asked last, and outranked by anything the trace says", () => {
    const bare = () => trace().kernel("k").launchedBy();
    expect(assign(bare(), sglang, DECODE_FILE)).toMatchObject({
      stages: ["decode"],
      steps: [{ stage: "decode", from: "file-name", label: "-DECODE" }],
    });
    const annotated = bare().annotation("step[EXTEND bs=1 toks=8]", 0, 100);
    expect(assign(annotated, sglang, DECODE_FILE).stages).toEqual(["prefill"]);
    const framed = bare().frame("sglang/srt/x.py(1): forward_extend", 0, 100);
    expect(assign(framed, sglang, DECODE_FILE).stages).toEqual(["prefill"]);
  });

  test("the profiler's own steps take the stage of the file's name", () => {
    const built = trace().annotation("ProfilerStep#3", 0, 100).kernel("k").launchedBy();
    expect(assign(built, unknown, DECODE_FILE)).toMatchObject({
      stages: ["decode"],
      steps: [{ stage: "decode", from: "file-name" }],
    });
    const unnamed = trace().annotation("ProfilerStep#3", 0, 100).kernel("k").launchedBy();
    expect(assign(unnamed, unknown).steps).toMatchObject([{ stage: "all", from: "annotation" }]);
  });

  test("nothing at all makes one step of the whole trace", () => {
    expect(assign(trace().kernel("k").launchedBy(), unknown)).toMatchObject({
      stepOf: [0],
      stages: ["all"],
      steps: [{ stage: "all", from: "whole-trace" }],
    });
  });

  test("an idle rank's step is one of the only stage there is", () => {
    const built = trace()
      .annotation("step[DECODE bs=1]", 0, 100)
      .annotation("step[IDLE bs=0]", 100, 200)
      .kernel("k", { at: 150 })
      .launchedBy("cudaLaunchKernel", { at: 150 });
    expect(assign(built, sglang).stages).toEqual(["decode"]);
  });
});
