import { readFileSync } from "node:fs";
import type {} from "../../src/model/classes/class-decisions.ts";
import type { KernelFields } from "../../src/model/facts.ts";
import { kernelName, kindOfName, nameSpellings } from "../../src/names/kernel-name.ts";

export interface DictionaryRow {
  readonly name: string;
  /** Category that `rules/lib` must give. */
  readonly category: string;
  readonly vendor: string;
  /** Library id, "" where the name alone does not tell. */
  readonly library: string;
  readonly origin: string;
}

export const DICTIONARY_FILE = "references/kernel-dictionary.tsv";
export const DICTIONARY_HEAD = ["name", "category", "vendor", "library", "origin"];

export function readKernelDictionary(): DictionaryRow[] {
  const [, ...lines] = readFileSync(DICTIONARY_FILE, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [name = "", category = "", vendor = "", library = "", origin = ""] = line.split("\t");
    return { name, category, vendor, library, origin };
  });
}

/** Fields of a kernel of which only the name is known, as in a graph replay. */
export function fieldsOfName(name: string): KernelFields {
  return {
    name: nameSpellings(kernelName(name)),
    kind: [kindOfName(name)],
    op: [],
    scope: [],
    frame: [],
    word: [],
    category: [],
    "category-from": [],
    role: [],
    library: [],
  };
}
