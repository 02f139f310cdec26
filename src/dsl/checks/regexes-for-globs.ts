import type { RegexNode } from "../ast.ts";
import type { LoadedFile } from "../load-texts.ts";
import type { Check } from "./check.ts";
import { atomsOf, expressionsOf } from "./class-walk.ts";

/** regex-for-glob. Globs are found by their letters; an expression is tried on every name. */
export const regexesForGlobs: Check = {
  code: "regex-for-glob",
  *run({ loaded }) {
    for (const file of loaded.files)
      for (const { source, range } of regexesOf(file)) {
        const glob = globFor(source);
        const rule = file.ast.rules[0]?.id.text;
        if (glob === null) continue;
        yield {
          file: file.file,
          range,
          ...(rule === undefined ? {} : { rule }),
          message: "a glob says the same",
          help: `write ${JSON.stringify(glob)}`,
        };
      }
  },
};

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
