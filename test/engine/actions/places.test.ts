import { expect, test } from "vitest";
import type { RuleSet } from "../../../src/model/rule.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";
import { accounts } from "../accounts.ts";
import { Rules } from "../match/make.ts";

function vocabulary(): RuleSet {
  const rules = new Rules();
  const category = (id: string, glob: string) => ({ id, title: id, class: rules.cls(glob) });
  const categories = [
    category("communication", "comm*"),
    category("elementwise", "ew*"),
    category("copy", "copy*"),
    category("fill", "fill*"),
    category("norm", "norm*"),
    category("gemm", "*"),
  ];
  const roles = [{ id: "lora", title: "LoRA", class: rules.cls("ew_lora*") }];
  return { ...rules.set, categories, roles };
}

/** Kernels one after the other, launched well ahead: name and microseconds. */
function inTurn(kernels: readonly (readonly [string, number])[]): TraceBuilder {
  const built = trace();
  for (const [at, [name, us]] of kernels.entries())
    built.kernel(name, { us }).launchedBy("cudaLaunchKernel", { at: -5000 + at, us: 0.5 });
  return built;
}

const repeat = <T>(count: number, of: (i: number) => readonly T[]): T[] =>
  Array.from({ length: count }, (_, i) => of(i)).flat();

const told = async (kernels: readonly (readonly [string, number])[]) =>
  (await accounts(inTurn(kernels), vocabulary())).actions;

test("runs at one place are one action, whatever tile the product around them takes", async () => {
  const actions = await told(
    repeat(8, (i) => [
      [`mm_tile${i % 2}`, 60],
      ["ew_a", 5],
      ["ew_b", 5],
      ["ew_c", 5],
      ["norm", 20],
    ]),
  );
  expect(actions.map(({ kind }) => kind)).toEqual(["small-kernels"]);
  expect(actions[0]!.title).toBe(
    "3 small kernels in a row between mm_tile0 and norm (or 1 more of their kind), 8 times",
  );
  expect(actions[0]!.do).toContain(
    "24 launches take 120 us with 0 us between them: 24 elementwise",
  );
  expect(actions[0]!.saves.kernelUs).toBe(8 * 10);
});

test("before a norm and before a product are two places", async () => {
  const actions = await told(
    repeat(6, () => [
      ["mm", 60],
      ["ew_a", 5],
      ["ew_b", 5],
      ["ew_c", 5],
      ["norm", 20],
      ["ew_d", 5],
      ["ew_e", 5],
      ["ew_f", 5],
    ]),
  );
  expect(actions.map(({ kind }) => kind)).toEqual(["small-kernels", "small-kernels"]);
});

test("an all-reduce of a cleared buffer is a gather, one behind which a part is copied out a scatter", async () => {
  const [gather] = await told(
    repeat(6, () => [
      ["mm", 60],
      ["fill", 4],
      ["copy", 6],
      ["comm_all_reduce", 80],
    ]),
  );
  expect(gather).toMatchObject({ kind: "overlap", proof: "assumed", saves: { kernelUs: 6 * 44 } });
  expect(gather!.title).toMatch(/gathers: .*, 6 times$/);
  expect(gather!.evidence).toMatchObject({ gpuUs: 6 * 44, idleUs: 0 });
  const [scatter] = await told(
    repeat(6, () => [
      ["mm", 60],
      ["comm_all_reduce", 80],
      ["fill", 4],
      ["copy", 6],
    ]),
  );
  expect(scatter!.title).toMatch(/scatters/);
});

test("an all-reduce without a cleared buffer beside it adds up", async () => {
  expect(
    await told(
      repeat(6, () => [
        ["mm", 60],
        ["comm_all_reduce", 80],
        ["norm", 20],
      ]),
    ),
  ).toEqual([]);
});

test("adapters beside the products of each layer are one action, with what clears their buffers", async () => {
  const actions = await told(
    repeat(8, () => [
      ["mm", 60],
      ["ew_lora_shrink", 12],
      ["fill", 2],
      ["ew_lora_expand", 14],
    ]),
  );
  expect(actions).toMatchObject([{ kind: "small-kernels", proof: "trace" }]);
  expect(actions[0]!.title).toBe("LoRA adapters take 16 launches, 208 us, beside 8 products");
  // The longer of each pair stays.
  expect(actions[0]!.saves.kernelUs).toBe(8 * 12);
});

test("adapters of one step are no habit", async () => {
  expect(
    await told([
      ["mm", 60],
      ["ew_lora_shrink", 12],
      ["ew_lora_expand", 14],
    ]),
  ).toEqual([]);
});
