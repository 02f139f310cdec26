import { compileRules } from "../../src/dsl/compile/index.ts";
import { parseFuse } from "../../src/dsl/parse/parse-file.ts";
import type { SourceLock } from "../../src/dsl/source-lock.ts";
import { shown } from "./diagnostics.ts";

/** Compiles texts by path, as if they lay in a rules directory. */
export function compileTexts(
  texts: Readonly<Record<string, string>>,
  lock: SourceLock | null = null,
) {
  const parsed = Object.entries(texts).map(([path, text]) => parseFuse(text, path));
  const { ruleSet, diagnostics } = compileRules(
    parsed.map(({ ast }) => ast),
    lock,
  );
  const all = [...parsed.flatMap((file) => file.diagnostics), ...diagnostics];
  return { ruleSet, problems: all.flatMap((one) => shown(texts[one.file]!, [one])) };
}

/** The smallest rule that compiles, with more sections put in. */
export const ruleText = (id: string, sections = "", head = ""): string => `fuse 1
${head}
rule ${id} : fusion {
  title "${id}"
  status mainline
  ${/^\s*(active|split|partial) /m.test(sections) ? "" : "active any_kernel"}
  let any_kernel = name "*"
  ${sections}
}
`;
