import { expect, test } from "vitest";
import type { RuleSet } from "../../../src/model/rule.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";
import { accounts, calledLimits } from "../accounts.ts";
import { Rules } from "../match/make.ts";

const BF16 = "c10::BFloat16";

function vocabulary(): RuleSet {
  const rules = new Rules();
  const category = (id: string, glob: string) => ({ id, title: id, class: rules.cls(glob) });
  const categories = [
    category("copy", "copy*"),
    category("elementwise", "ew*"),
    category("quantize", "quant*"),
    category("gemm", "*"),
  ];
  const roles = [{ id: "metadata", title: "metadata", class: rules.cls("ew_metadata*") }];
  return { ...rules.set, categories, roles };
}

const limits = calledLimits((op) => (op === "aten::mm" ? 40 : 0.1));

interface Call {
  readonly name: string;
  readonly op: string;
  readonly us: number;
  readonly shapes: string;
  readonly types: string;
  readonly concrete?: string;
}

const PRODUCT: Call = {
  name: "mm",
  op: "aten::mm",
  us: 40,
  shapes: "[[32,4096],[4096,4096]]",
  types: JSON.stringify([BF16, BF16]),
};

/** Layers of a product on 32 tokens and one more call each. */
function layers(call: Call, count = 8): TraceBuilder {
  const built = trace();
  for (let i = 0; i < count; i++)
    for (const [at, one] of [PRODUCT, call].entries())
      built
        .kernel(one.name, { us: one.us })
        .inside(one.op, one.shapes, one.types, one.concrete ?? "")
        .launchedBy("cudaLaunchKernel", { at: -1000 + 4 * i + at, us: 0.5 });
  return built;
}

const told = async (call: Call, count?: number) =>
  (await accounts(layers(call, count), vocabulary(), limits)).actions.filter(
    ({ kind }) => kind === "copies",
  );

const cast = (shape: number[], from = "float", to = BF16): Call => ({
  name: "copy_cast",
  op: "aten::copy_",
  us: 12,
  shapes: JSON.stringify([shape, shape, []]),
  types: JSON.stringify([to, from, "Scalar"]),
});

test("a table that is cast in every layer need be cast once", async () => {
  const [action] = await told(cast([131072, 64]));
  expect(action).toMatchObject({ kind: "copies", proof: "assumed", saves: { kernelUs: 96 } });
  expect(action!.do).toContain("copy_ [131072,64] (8x");
});

test("a weight is quantised once", async () => {
  const [action] = await told({
    name: "quant_weight",
    op: "quantize",
    us: 20,
    shapes: "[[4,7168,2048]]",
    types: JSON.stringify([BF16]),
  });
  expect(action).toMatchObject({ saves: { kernelUs: 160 } });
});

test("activations, small tensors, plain copies and single casts are work of the step", async () => {
  expect(await told(cast([32, 65536]))).toEqual([]);
  expect(await told(cast([4, 8, 65536]))).toEqual([]);
  expect(await told(cast([1024, 8]))).toEqual([]);
  expect(await told(cast([131072, 64], BF16))).toEqual([]);
  expect(await told(cast([131072, 64]), 1)).toEqual([]);
});

test("weights of a training run change", async () => {
  const built = layers(cast([131072, 64])).op("autograd::engine::evaluate_function", 9000, 9001);
  const { actions } = await accounts(built, vocabulary(), limits);
  expect(actions.filter(({ kind }) => kind === "copies")).toEqual([]);
});

const sum = (shape: number[], dims: string): Call => ({
  name: "ew_sum",
  op: "aten::sum",
  us: 30,
  shapes: JSON.stringify([shape, [], [], []]),
  types: JSON.stringify([BF16, "ScalarList", "Scalar", ""]),
  concrete: JSON.stringify(["", dims, "False", ""]),
});

test("a sum over a dimension of size one is a copy to drop", async () => {
  const [action] = await told(sum([32, 1, 7168], "[1]"));
  expect(action).toMatchObject({ proof: "trace", saves: { kernelUs: 240 } });
  expect(await told(sum([32, 1, 7168], "[-2]"))).toHaveLength(1);
});

test("a sum that sums, or of which nobody knows over what, stays", async () => {
  expect(await told(sum([32, 2, 7168], "[1]"))).toEqual([]);
  expect(await told(sum([32, 1, 7168], "[0]"))).toEqual([]);
  expect(await told(sum([32, 1, 7168], ""))).toEqual([]);
  expect(await told(sum([32, 1, 7168], "[]"))).toEqual([]);
});

test("attention metadata of every layer is made once a step", async () => {
  const call = { name: "ew_metadata_kernel", op: "plan", us: 12, shapes: "", types: "" };
  const [action] = await told(call);
  expect(action).toMatchObject({ saves: { kernelUs: 7 * 12 } });
  expect(action!.do).toContain("Make once a step");
  expect(await told(call, 3)).toEqual([]);
});
