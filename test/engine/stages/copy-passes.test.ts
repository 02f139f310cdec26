import { describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { trace } from "../../support/trace-builder.ts";

const layers = (of: readonly string[], count: number) => Array(count).fill(of).flat();
const DECODE = ["rms_norm", "qkv_gemm", "attention", "o_gemm", "mlp_gemm"];
const PREFILL = ["rms_norm", "qkv_gemm_big", "flash", "o_gemm_big", "mlp_gemm_big"];
const DENSE = ["rms_norm", "qkv_gemm", "attention", "o_gemm", "dense_gemm"];
const decode = layers(DECODE, 8);
const prefill = layers(PREFILL, 8);

/** Passes one after the other; with copies, inputs go in before each and tokens come out behind. */
function passesOf(passes: readonly (readonly string[])[], hasCopies: boolean) {
  const built = trace();
  let from = 0;
  for (const pass of passes) {
    const names = ["embedding", ...pass, "lm_head_gemm", "argmax"];
    if (hasCopies) {
      names.unshift("Memcpy HtoD (Pinned -> Device)");
      names.push("Memcpy DtoH (Device -> Pinned)");
    }
    for (const [at, name] of names.entries()) {
      const times = { at: from + 20 + at * 15, us: 12 };
      const event = name.startsWith("Memcpy") ? built.copy(name, times) : built.kernel(name, times);
      event.launchedBy("cudaLaunchKernel", { at: from + 1 + at * 10, us: 2 });
    }
    from += names.length * 15 + 200;
  }
  const { steps, stepOf } = buildKernelGraph(built.build(), {
    ...{ profile: vllm, ruleSet: VOCABULARY, stageHint: null },
  });
  return {
    from: [...new Set(steps.map((step) => step.from))],
    events: steps.map((_, index) => stepOf.reduce((sum, of) => sum + Number(of === index), 0)),
  };
}

describe("passes of differing kernels", () => {
  test.each([
    ["a prefill among decodes", [decode, decode, prefill, decode, decode]],
    ["in turn", [prefill, decode, prefill, decode, prefill, decode]],
    ["a prefill first", [prefill, decode, decode, decode]],
    [
      "with dense layers first",
      [prefill, decode, prefill, decode].map((it) => [...layers(DENSE, 3), ...it]),
    ],
  ])("are told by what the host copies: %s", (_, passes) => {
    const told = passesOf(passes, true);
    expect(told.from).toEqual(["host-copies"]);
    expect(told.events).toEqual(passes.map((pass) => pass.length + 5));
  });

  test.each([
    ["a prefill among decodes", [decode, decode, decode, prefill, decode, decode, decode]],
    ["in turn", [prefill, decode, prefill, decode, prefill, decode]],
    ["a prefill first", [prefill, decode, decode, decode, decode]],
  ])("are not told without: %s", (_, passes) => {
    expect(passesOf(passes, false).from).toEqual(["whole-trace"]);
  });

  test("copies within every layer bound no pass", () => {
    const offloaded = layers(["Memcpy HtoD (Pinned -> Device)", ...DECODE], 8);
    const { from } = passesOf([offloaded, offloaded, offloaded], true);
    expect(from).not.toContain("host-copies");
  });
});

test.each([
  ["dense layers first", [...layers(DENSE, 3), ...decode]],
  ["dense layers last", [...decode, ...layers(DENSE, 2)]],
  ["two kinds in turn", layers([...DECODE, ...DENSE], 4)],
  ["three to one", layers([...DENSE, ...DENSE, ...DENSE, ...DECODE], 3)],
])("a model of differing layers is told by them: %s", (_, pass) => {
  const told = passesOf([pass, pass, pass, pass], false);
  expect(told).toEqual({ from: ["layers"], events: Array(4).fill(pass.length + 3) });
});
