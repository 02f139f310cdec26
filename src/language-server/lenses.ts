import type { LoadedFile } from "../dsl/load-texts.ts";
import type { SourceRange } from "../model/diagnostic.ts";
import type { RuleSet } from "../model/rule.ts";
import { runRuleTests } from "../pipeline/rule-tests.ts";

/** The command behind a lens; its arguments are the file, the rule and, for one test, its title. */
export const RUN_TESTS = "fuse.runTests";

interface Lens {
  readonly range: SourceRange;
  readonly title: string;
  readonly arguments: readonly string[];
}

/** Above the rule: all its tests; above each test: that one. */
export function lensesOf({ ast }: LoadedFile): readonly Lens[] {
  return ast.rules.flatMap(({ id, tests }) => {
    if (tests.length === 0) return [];
    const all = {
      range: id.range,
      title: `run this rule's ${tests.length} tests`,
      arguments: [id.text],
    };
    return [
      all,
      ...tests.map(({ title }) => ({
        range: title.range,
        title: "run this test",
        arguments: [id.text, title.text],
      })),
    ];
  });
}

/** What the tests of a rule say, or one of them. */
export function testsText(
  ruleSet: RuleSet,
  id: string,
  title: string | null,
): { readonly passed: boolean; readonly text: string } {
  const rules = ruleSet.rules.filter((rule) => rule.id === id);
  const results = runRuleTests({ ...ruleSet, rules }).filter(
    ({ test }) => title === null || test === title,
  );
  if (results.length === 0) return { passed: false, text: `${id} cannot run: see its remarks` };
  const failed = results.filter(({ passed }) => !passed);
  const head = `${id}: ${results.length - failed.length} of ${results.length} tests pass`;
  const lines = failed.map(
    ({ test, expected, saw }) => `${test}: expected ${expected}, saw ${saw}`,
  );
  return { passed: failed.length === 0, text: [head, ...lines].join("\n") };
}
