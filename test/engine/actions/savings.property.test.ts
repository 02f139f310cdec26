import fc from "fast-check";
import { expect, test } from "vitest";
import { trace } from "../../support/trace-builder.ts";
import { accounts, calledLimits, vocabulary } from "../accounts.ts";
import { Rules, state } from "../match/make.ts";

const event = fc.record({
  name: fc.constantFrom("gemm", "add", "norm", "ew", "comm", "Memset (Device)"),
  us: fc.integer({ min: 1, max: 120 }),
  gap: fc.integer({ min: 0, max: 200 }),
  stream: fc.constantFrom("7", "8"),
  lead: fc.integer({ min: 1, max: 400 }),
  waits: fc.boolean(),
  op: fc.constantFrom("aten::mm", "aten::mul", "aten::copy_"),
});

const rules = new Rules();
rules.rule("add-norm", [state("split", rules.chain("add norm"))]);
const ruleSet = vocabulary(rules);

test("whatever runs: no action saves more than the step has, no kernel is claimed twice, the ledger is whole", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 40 }), async (events) => {
      const built = trace();
      let at = 1_000;
      for (const { name, us, gap, stream, lead, waits, op } of events) {
        at += gap;
        built
          .kernel(name, { at, us, stream, kind: name.startsWith("Mem") ? 2 : 0 })
          .inside(op, "[[64,64],[64,64]]", '["float","float"]')
          .launchedBy("cudaLaunchKernel", { at: at - lead, us: 1 });
        if (waits) built.launch("cudaStreamSynchronize", { at: at - lead + 2, us: us + lead });
        at += us;
      }
      const { actions, ledger, totalUs } = await accounts(
        built,
        ruleSet,
        calledLimits(() => 2),
      );
      const wall = ledger.reduce((sum, { us }) => sum + us, 0);
      expect(Math.round(1000 * wall)).toBe(Math.round(1000 * totalUs));
      for (const { saves, id, after } of actions) {
        expect(saves.kernelUs, id).toBeGreaterThanOrEqual(0);
        expect(saves.gapUs, id).toBeGreaterThanOrEqual(0);
        expect(saves.kernelUs + saves.gapUs, id).toBeLessThanOrEqual(totalUs + 1e-6);
        expect(saves.pctOfStep, id).toBeLessThanOrEqual(100 + 1e-9);
        expect(after === null || actions.some((one) => one.id === after), id).toBe(true);
      }
      expect(new Set(actions.map(({ id }) => id)).size).toBe(actions.length);
    }),
    { numRuns: 60 },
  );
});
