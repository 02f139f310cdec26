import { expect, test } from "vitest";
import { explainRow } from "../src/commands/explain.ts";
import { analyze } from "../src/commands/triage.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../src/model/options.ts";

const options = {
  ...DEFAULT_ANALYZE_OPTIONS,
  inputs: ["examples/vllm-eager"],
  rulesPath: "rules",
  minSharePct: 0,
};

test("an action's id explains it: the report's figures, the kernels behind them, the step after it", async () => {
  const { reports } = await analyze(options);
  const { actions } = reports[0]!;
  expect(actions.length).toBeGreaterThan(0);
  for (const action of actions) {
    const { actions: explained, kernels, rules } = await explainRow(action.id, 3, options);
    expect([kernels, rules]).toEqual([[], []]);
    const [one] = explained;
    expect(one!.action).toEqual(action);
    const { kernelUs, gapUs } = action.saves;
    expect(one!.stepUs - one!.afterUs).toBeCloseTo(kernelUs + gapUs, 3);
    expect(one!.kernels.map(({ id }) => id).sort()).toEqual(action.claims);
    expect(one!.kernels.reduce((sum, { launches }) => sum + launches, 0)).toBe(one!.launchCount);
    expect(one!.launches.length).toBe(Math.min(3, one!.launchCount));
    expect(one!.idle.length > 0).toBe(gapUs > 0);
  }
});
