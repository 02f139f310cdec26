import { expect, test } from "vitest";
import { loadRules } from "../../src/dsl/load-rules.ts";
import { runRuleTests } from "../../src/pipeline/rule-tests.ts";

test("compiler and engine agree on what the rules' own tests mean", async () => {
  const { ruleSet } = await loadRules("test/dsl/fixtures/rules");
  const results = runRuleTests(ruleSet);
  expect(results).toHaveLength(22);
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
});
