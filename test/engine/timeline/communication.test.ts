import { expect, test } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { COMMUNICATION_CATEGORIES } from "../../../src/engine/overlap/work-kind.ts";

test("what counts as communication are categories of the vocabulary", async () => {
  const { ruleSet } = await loadRules("rules");
  const ids = ruleSet.categories.map((category) => category.id);
  for (const category of COMMUNICATION_CATEGORIES) expect(ids).toContain(category);
});
