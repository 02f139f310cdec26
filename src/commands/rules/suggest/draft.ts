import { quote } from "../../../base/quote.ts";
import type { FuseFile, RuleNode, TestNode } from "../../../dsl/ast.ts";
import { compileTest } from "../../../dsl/compile/compile-test.ts";
import { formatFuse } from "../../../dsl/format/index.ts";
import { parseFuse } from "../../../dsl/parse/parse-file.ts";
import { Remarks } from "../../../dsl/remarks.ts";
import type { RuleTest, TestExpectation } from "../../../model/rule.ts";

/** A test that may be worth suggesting; what to expect of it the rule will say. */
export interface Draft {
  /** What is different, in the words of the rule: "12us idle before norm". */
  readonly title: string;
  /** Title of the test that it varies. */
  readonly like: string | null;
  /** Lines between head and `expect`. */
  readonly lines: readonly string[];
}

interface CompiledDraft {
  readonly draft: Draft;
  readonly test: RuleTest;
}

/**
 * Drafts as tests of the rule, each with its kernels; what does not fit the rule is left out.
 */
export function compileDrafts(rule: RuleNode, drafts: readonly Draft[]): readonly CompiledDraft[] {
  const bodies = drafts.map((draft) => textOf(draft, "expect no match"));
  const { ast } = parseFuse(`fuse 1\nrule drafts : fusion {\n${bodies.join("\n")}\n}\n`, "");
  const nodes = testsOf(ast);
  // A draft that does not parse would shift all others: none is the safer answer.
  if (nodes.length !== drafts.length) return [];
  return drafts.flatMap((draft, at) => {
    const test = compileTest(nodes[at]!, [...rule.tests, nodes[at]!], new Remarks("", []));
    return test === null ? [] : [{ draft, test }];
  });
}

const testsOf = ({ rules }: FuseFile): readonly TestNode[] => rules[0]?.tests ?? [];

function textOf({ title, like, lines }: Draft, expect: string): string {
  const head = `test ${quote(title)}${like === null ? "" : ` like ${quote(like)}`} {`;
  return [head, ...lines, expect, "}"].join("\n");
}

/** The test as it stands in a formatted rule, two blanks in. */
export function draftText(draft: Draft, expect: TestExpectation): string {
  const test = textOf(draft, expectText(expect));
  const formatted = formatFuse(`fuse 1\n\nrule x : fusion {\n${test}\n}\n`);
  return formatted
    .split("\n")
    .slice(3, -2)
    .map((line) => `${line}\n`)
    .join("");
}

function expectText(expect: TestExpectation): string {
  if (expect.match !== null) return `expect match ${expect.match} ${expect.times} times`;
  const guard = expect.guard === null ? "" : ` ${expect.guard}`;
  return `expect no match because ${expect.because}${guard}`;
}
