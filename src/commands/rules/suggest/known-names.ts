import { compareText } from "../../../base/compare-text.ts";
import type { KernelDictionary } from "../../../dsl/checks/proofs/dictionary.ts";
import { FunctionNames } from "../../../dsl/checks/proofs/function-names.ts";
import type { TestBench } from "../../../engine/mutation/test-bench.ts";
import type { Guard, Rule, TestKernel } from "../../../model/rule.ts";

/** Kernels that stand in every engine's traces and belong to few rules. */
const BYSTANDERS: Readonly<Record<"nvidia" | "amd", readonly string[]>> = {
  nvidia: [
    "nvjet_tst_64x8_64x16_4x1_v_bz_TNT",
    "void flash::flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64, 128, 4> >",
    "ncclDevKernel_AllGather_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
    "void at::native::index_elementwise_kernel<128, 4>",
  ],
  amd: [
    "Cijk_Alik_Bljk_BBS_BH_Bias_HA_S_SAV_UserArgs_MT256x32x64_MI16x16x1_SN_LDSB1_AFC1",
    "_fwd_grouped_kernel_stage1",
    "void at::native::index_elementwise_kernel<128, 4>",
  ],
};

/** Short names of a dictionary that are tried where it has none of these. */
const MOST = 20;

/** A kernel that the rule has no word for; null where each of ours means something to it. */
export function bystander(
  rule: Rule,
  bench: TestBench,
  dictionary: KernelDictionary | null,
): string | null {
  const vendor = rule.guards.some((guard) => holdsOnly(guard, "amd")) ? "amd" : "nvidia";
  const usual = BYSTANDERS[vendor];
  const known = dictionary === null ? null : FunctionNames.in(dictionary);
  const names =
    known === null || dictionary === null
      ? usual
      : [...usual.filter((name) => known.has(name)), ...namesByLength(dictionary).slice(0, MOST)];
  const kernels = names.map((name, at) => ({ ...PLAIN, name, start: at }));
  const held = bench.classesOf({ given: [], kernels });
  return names[held.findIndex((classes) => classes.size === 0)] ?? null;
}

const holdsOnly = (guard: Guard, value: string): boolean =>
  guard.fact === "vendor" && guard.op === "in" && guard.values.every((one) => one === value);

const PLAIN: TestKernel = {
  stream: "main",
  name: "",
  start: 0,
  duration: 1,
  op: null,
  scope: null,
  frame: null,
  layer: -1,
};

/** Known names, the short ones first: they are read in tests. */
export function namesByLength({ kernels }: KernelDictionary): readonly string[] {
  const names = kernels.map(({ spellings }) => spellings[0]!);
  return names.toSorted((a, b) => a.length - b.length || compareText(a, b));
}
