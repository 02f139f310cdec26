import { firstIndex } from "../../../base/first-index.ts";
import { demangledName } from "../../../names/kernel-name.ts";
import type { KernelDictionary } from "./dictionary.ts";

/** Inductor calls a kernel after all that it fuses, so no list has every name. */
const INDUCTOR = /^triton_(?:poi|red|per|tem|for)_fused_\w+$/;

/** Function names of a dictionary, sorted, to ask which begin with a text. */
export class FunctionNames {
  readonly #sorted: readonly string[];

  constructor(names: readonly string[]) {
    this.#sorted = [...new Set(names.map(functionOf))].sort();
  }

  static in({ kernels }: KernelDictionary): FunctionNames {
    return new FunctionNames(kernels.flatMap(({ spellings }) => spellings));
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
