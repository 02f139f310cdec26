import { firstIndex } from "../../../base/first-index.ts";
import { demangledName } from "../../../names/kernel-name.ts";
import type { RowNode, TextNode } from "../../ast.ts";
import type { Check, Remark } from "../check.ts";
import type { KernelDictionary } from "../proofs/dictionary.ts";

/** invented-kernel. Tests write names shortened, so it is the function's name that must be known. */
export const inventedKernels: Check = {
  code: "invented-kernel",
  *run({ rules, known }) {
    if (known === null) return;
    const names = new FunctionNames(known.classes.dictionary);
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

/** Inductor calls a kernel after all that it fuses, so no list has every name. */
const INDUCTOR = /^triton_(?:poi|red|per|tem|for)_fused_\w+$/;

/** Function names of a dictionary, sorted, to ask which begin with a text. */
class FunctionNames {
  readonly #sorted: readonly string[];

  constructor({ kernels }: KernelDictionary) {
    const names = kernels.flatMap(({ spellings }) => spellings.map(functionOf));
    this.#sorted = [...new Set(names)].sort();
  }

  /** A shortened name is the beginning of a known one. */
  has(name: string): boolean {
    if (INDUCTOR.test(name)) return true;
    const wanted = functionOf(name);
    const sorted = this.#sorted;
    const first = sorted[firstIndex(0, sorted.length, (at) => sorted[at]! >= wanted)];
    return wanted !== "" && first?.startsWith(wanted) === true;
  }
}

/**
 * What is left of a kernel name without return type, namespaces and arguments; sizes are all
 * the same size: "nvjet_tst_64x8" and "nvjet_tst_128x64_64x6" begin alike.
 */
function functionOf(name: string): string {
  const plain = demangledName(name)
    .replace(/\(anonymous namespace\)::/g, "")
    .replace(/[<(].*$/s, "");
  const last = plain.slice(plain.lastIndexOf(":") + 1).trim();
  return last.replace(/\d+/g, "0");
}
