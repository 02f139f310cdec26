import type { RuleTest } from "../../../model/rule.ts";
import { ruleCheck } from "../check.ts";

/** same-test. A test that repeats another guards nothing more, and two of one title cannot be told apart when one fails. */
export const sameTests = ruleCheck("same-test", function* ({ node, rule, file }) {
  const titles = new Map<string, number>();
  const contents = contentsOf(rule.tests);
  for (const [index, test] of rule.tests.entries()) {
    const written = node.tests[index]!;
    const related = (first: number) => [
      { file: file.file, range: node.tests[first]!.title.range, message: "the other test" },
    ];
    const namesake = titles.get(test.title);
    const twin = contents[index]!;
    if (namesake !== undefined)
      yield {
        range: written.title.range,
        message: `another test is called "${test.title}"`,
        help: "say what is different about this one",
        related: related(namesake),
      };
    else if (twin !== index)
      yield {
        range: written.title.range,
        message: `the same facts and kernels as "${node.tests[twin]!.title.text}"`,
        help: "change one thing, or remove one of the two",
        related: related(twin),
      };
    if (namesake === undefined) titles.set(test.title, index);
  }
});

/** Per test the first that holds the same. */
function contentsOf(tests: readonly RuleTest[]): readonly number[] {
  const alike = new Map<string, number[]>();
  return tests.map((test, index) => {
    const key = glanceOf(test);
    const others = alike.get(key);
    if (others === undefined) {
      alike.set(key, [index]);
      return index;
    }
    const mine = contentOf(test);
    const twin = others.find((other) => contentOf(tests[other]!) === mine);
    if (twin === undefined) others.push(index);
    return twin ?? index;
  });
}

/** What differs between nearly all tests; writing out every kernel of every test takes long. */
function glanceOf({ given, kernels }: RuleTest): string {
  let times = 0;
  let letters = 0;
  for (const { name, start, duration } of kernels) {
    times = times * 31 + start + duration;
    letters = letters * 31 + name.length;
  }
  return `${factsOf(given).join()} ${kernels.length} ${times} ${letters}`;
}

/** Facts count as a set. */
const factsOf = (given: RuleTest["given"]): readonly string[] =>
  given.map(({ fact, value }) => `${fact} ${value}`).sort();

const contentOf = ({ given, kernels }: RuleTest): string =>
  JSON.stringify([factsOf(given), kernels]);
