import { demangledName, kindOfName, nameSpellings } from "../../../names/kernel-name.ts";

/** Kernel names that are known to exist, from source code and from profiles. */
export interface KernelDictionary {
  readonly kernels: readonly DictionaryKernel[];
}

export interface DictionaryKernel {
  /** As written first; then the other ways a trace may print it. */
  readonly spellings: readonly string[];
  /** Category of the vocabulary. */
  readonly category: string;
  readonly vendor: "nvidia" | "amd" | "any";
  /** "" where the name alone does not tell. */
  readonly library: string;
  readonly kind: "kernel" | "copy" | "fill";
}

/** The ways in which a trace may print a kernel's name, as written first. */
export const spellingsOf = (name: string): readonly string[] =>
  nameSpellings({ raw: name, demangled: demangledName(name) });

/**
 * Reads the dictionary's table: a head line, then name, category, vendor, library and origin
 * between tabs.
 */
export function parseDictionary(text: string): KernelDictionary {
  const [, ...lines] = text.split(/\r?\n/);
  const kernels = lines
    .filter((line) => line !== "")
    .map((line): DictionaryKernel => {
      const [name = "", category = "", vendor = "", library = ""] = line.split("\t");
      return {
        spellings: spellingsOf(name),
        category,
        vendor: vendor === "nvidia" || vendor === "amd" ? vendor : "any",
        library,
        kind: kindOfName(name),
      };
    });
  return { kernels };
}
