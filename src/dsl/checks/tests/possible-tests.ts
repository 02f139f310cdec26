import { parseArch, VENDOR_OF_FAMILY } from "../../../model/arch.ts";
import type { RuleTest, TestKernel } from "../../../model/rule.ts";
import { durationText } from "../../../model/rule-text.ts";
import { ruleCheck } from "../check.ts";

/** impossible-value. A test shows what a trace could hold: else it says nothing about any. */
export const possibleTests = ruleCheck("impossible-value", function* ({ node, rule }) {
  for (const [index, test] of rule.tests.entries()) {
    const { title } = node.tests[index]!;
    const gpu = impossibleGpu(test);
    if (gpu !== null)
      yield {
        range: title.range,
        message: `the test gives ${gpu}, which no GPU is`,
        help: "sm… are NVIDIA's, gfx… AMD's",
      };
    // What must not count as overlap may be drawn as one all the same.
    const isDrawnSo = rule.kind === "overlap" && test.expect.match === null;
    const pair = isDrawnSo ? null : atOnce(test.kernels);
    if (pair !== null)
      yield {
        range: title.range,
        message: `two kernels run at once on one stream: the second begins ${durationText(pair.early)} before the first has ended`,
        help: "give the second a stream of its own, or a later `at`",
      };
  }
});

/** A near miss of these guards changes one fact and leaves the other. */
const ONE_CHANGED: readonly (string | null)[] = ["vendor", "arch"];

function impossibleGpu({ given, expect }: RuleTest): string | null {
  if (expect.match === null && ONE_CHANGED.includes(expect.guard)) return null;
  const told = (name: string) => given.find(({ fact }) => fact === name)?.value;
  const [vendor, arch] = [told("vendor"), told("arch")];
  if (typeof vendor !== "string" || typeof arch !== "string") return null;
  const family = parseArch(arch)?.family;
  if (family === undefined || vendor === "unknown" || VENDOR_OF_FAMILY[family] === vendor)
    return null;
  return `vendor ${vendor} and arch ${arch}`;
}

/** Dependent launches overlap by the start of the later one: more than this is no launch. */
const MOST_EARLY_NS = 5_000;

function atOnce(kernels: readonly TestKernel[]): { readonly early: number } | null {
  const ends = new Map<string, number>();
  for (const { stream, start, duration } of [...kernels].sort((a, b) => a.start - b.start)) {
    const end = ends.get(stream) ?? 0;
    if (end - start > MOST_EARLY_NS) return { early: end - start };
    ends.set(stream, Math.max(end, start + duration));
  }
  return null;
}
