import type { RegexNode } from "../ast.ts";
import type { LoadedFile } from "../load-rules.ts";
import type { Check, CheckContext, Remark } from "./check.ts";
import { atomsOf, expressionsOf } from "./class-walk.ts";
import { regexCost } from "./regex/regex-cost.ts";

/** F026. Backtracking matchers can take minutes over one kernel name. */
export const regexCosts: Check = {
  code: "F026",
  run: eachRegex(({ source }) => {
    const fault = regexCost(source);
    if (fault === null) return null;
    return {
      message: `this regular expression is not shown to take linear time: ${fault}`,
      help: 'a glob such as name "*foo*bar*" always does; several are joined with `|`, `and`, `not`',
    };
  }),
};

/** F027. Globs are found by their letters; an expression is tried on every name. */
export const regexesForGlobs: Check = {
  code: "F027",
  run: eachRegex(({ source }) => {
    const glob = globFor(source);
    if (glob === null) return null;
    return { message: "a glob says the same", help: `write ${JSON.stringify(glob)}` };
  }),
};

type Judge = (regex: RegexNode) => Pick<Remark, "message" | "help"> | null;

function eachRegex(judge: Judge) {
  return function* ({ loaded }: CheckContext): Generator<Remark> {
    for (const file of loaded.files)
      for (const regex of regexesOf(file)) {
        const remark = judge(regex);
        const rule = file.ast.rules[0]?.id.text;
        if (remark !== null)
          yield {
            file: file.file,
            range: regex.range,
            ...(rule === undefined ? {} : { rule }),
            ...remark,
          };
      }
  };
}

function regexesOf({ ast }: LoadedFile): RegexNode[] {
  return expressionsOf(ast)
    .flatMap((expr) => [...atomsOf(expr)])
    .flatMap(({ atom }) => atom.patterns.filter((pattern) => pattern.kind === "regex"));
}

/** The glob of an expression made of plain letters and `.*`; null for any other. */
function globFor(source: string): string | null {
  const [, start, body = "", end] = /^(\^?)(.*?)(\$?)$/.exec(source) ?? [];
  const parts = body.split(".*");
  const isPlain = parts.every((part) => /^(?:[\w\s:<>,"'=&@#%~`;!-]|\\[^\w])*$/.test(part));
  if (!isPlain) return null;
  const text = parts.map((part) => part.replace(/\\(.)/g, "$1")).join("*");
  return `${start === "" ? "*" : ""}${text}${end === "" ? "*" : ""}`.replace(/\*{2,}/g, "*");
}
