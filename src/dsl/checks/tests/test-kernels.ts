import type { RowNode, TextNode } from "../../ast.ts";
import type { Check, Remark } from "../check.ts";
import { FunctionNames } from "../proofs/function-names.ts";

/** invented-kernel. Tests write names shortened, so it is the function's name that must be known. */
export const inventedKernels: Check = {
  code: "invented-kernel",
  *run({ rules, known }) {
    if (known === null) return;
    const names = FunctionNames.in(known.classes.dictionary);
    for (const { file, node, rule } of rules) {
      if (rule.status === "in-flight") continue;
      const seen = new Set<string>();
      for (const name of node.tests.flatMap(({ rows }) => [...kernelNames(rows)])) {
        if (seen.has(name.text) || names.has(name.text)) continue;
        seen.add(name.text);
        yield {
          file: file.file,
          rule: rule.id,
          range: name.range,
          message: "no known kernel has this function's name",
          help: "copy a name from a trace or from references/kernel-dictionary.tsv; template arguments may be shortened",
        } satisfies Remark;
      }
    }
  },
};

function* kernelNames(rows: readonly RowNode[]): Generator<TextNode> {
  for (const row of rows)
    if (row.kind === "repeat") yield* kernelNames(row.rows);
    else if ((row.kind === "on" || row.kind === "change") && row.name !== null) yield row.name;
}
