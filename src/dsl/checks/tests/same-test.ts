import type { RuleTest } from "../../../model/rule.ts";
import { ruleCheck } from "../check.ts";

/** same-test. A test that repeats another guards nothing more, and two of one title cannot be told apart when one fails. */
export const sameTests = ruleCheck("same-test", function* ({ node, rule, file }) {
  const titles = new Map<string, number>();
  const contents = new Map<string, number>();
  for (const [index, test] of rule.tests.entries()) {
    const written = node.tests[index]!;
    const related = (first: number) => [
      { file: file.file, range: node.tests[first]!.title.range, message: "the other test" },
    ];
    const namesake = titles.get(test.title);
    const key = contentOf(test);
    const twin = contents.get(key);
    if (namesake !== undefined)
      yield {
        range: written.title.range,
        message: `another test is called "${test.title}"`,
        help: "say what is different about this one",
        related: related(namesake),
      };
    else if (twin !== undefined)
      yield {
        range: written.title.range,
        message: `the same facts and kernels as "${node.tests[twin]!.title.text}"`,
        help: "change one thing, or remove one of the two",
        related: related(twin),
      };
    if (namesake === undefined) titles.set(test.title, index);
    if (twin === undefined) contents.set(key, index);
  }
});

/** Facts count as a set. */
function contentOf({ given, kernels }: RuleTest): string {
  const facts = given.map(({ fact, value }) => `${fact} ${value}`).sort();
  return JSON.stringify([facts, kernels]);
}
