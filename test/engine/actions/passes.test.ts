import { expect, test } from "vitest";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";
import { accounts, calledLimits, vocabulary } from "../accounts.ts";

const BF16 = "c10::BFloat16";
const limits = calledLimits(() => 1);

interface Pass {
  readonly op: string;
  readonly types: readonly string[];
  readonly shapes?: readonly (readonly number[])[];
  readonly us?: number;
}

/** The same passes again and again, a product between; one launch after the other, well ahead. */
function passes(list: readonly Pass[], count = 6): TraceBuilder {
  const built = trace();
  let at = -2000;
  for (let i = 0; i < count; i++) {
    built.kernel("mm", { us: 50 }).launchedBy("cudaLaunchKernel", { at: at++, us: 0.5 });
    for (const { op, types, shapes, us } of list)
      built
        .kernel("ew", { us: us ?? 40 })
        .inside(op, JSON.stringify(shapes ?? types.map(() => [1024, 1024])), JSON.stringify(types))
        .launchedBy("cudaLaunchKernel", { at: at++, us: 0.5 });
  }
  return built;
}

const fusions = async (list: readonly Pass[], count?: number) =>
  (await accounts(passes(list, count), vocabulary(), limits)).actions.filter(
    ({ kind }) => kind === "fusion",
  );

const UP: Pass = { op: "aten::copy_", types: ["float", BF16] };
const SCALE: Pass = {
  op: "aten::mul",
  types: ["float", "float"],
  shapes: [
    [1024, 1024],
    [1024, 1],
  ],
};
const DOWN: Pass = { op: "aten::copy_", types: [BF16, "float"] };

test("cast, scale, cast is one pass that reads and writes 16 bits", async () => {
  const [action] = await fusions([UP, SCALE, DOWN]);
  expect(action!.title).toBe("copy_, mul, copy_ on [1024,1024] as one pass instead of 3, 6 times");
  // 2 + 2 bytes an element at 1,000 GB/s.
  expect(action!.saves.kernelUs).toBeCloseTo(6 * (120 - 4 * 1.048576), 3);
  expect(action).toMatchObject({ proof: "assumed", rule: null });
});

test("passes over other elements, or over a type that the one before did not write, are no chain", async () => {
  const small: Pass = {
    ...SCALE,
    shapes: [
      [512, 1024],
      [512, 1],
    ],
  };
  expect(await fusions([UP, small])).toEqual([]);
  expect(await fusions([UP, UP])).toEqual([]);
  expect(await fusions([{ op: "aten::softmax", types: [BF16] }, UP])).toEqual([]);
});

test("what occurs once a step is no chain to write a kernel for", async () => {
  expect(await fusions([UP, SCALE, DOWN], 1)).toEqual([]);
});

test("tensors laid out anew one after the other are no chain: each is a tensor of its own", async () => {
  const copy: Pass = { op: "aten::copy_", types: [BF16, BF16] };
  expect(await fusions([copy, copy, copy])).toEqual([]);
  // A cast of what a copy wrote is one.
  expect(await fusions([copy, { op: "aten::copy_", types: ["float", BF16] }])).toHaveLength(1);
});
