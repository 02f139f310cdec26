import type { Meaning } from "./meaning.ts";

/** Why something cannot be called so; null when it can. */
export function renameFault({ kind }: Meaning, name: string): string | null {
  switch (kind) {
    case "class":
    case "alias":
    case "capture":
      if (!/^[A-Za-z_](?:\w|-(?=\w))*$/.test(name)) return `"${name}" is no name of the language`;
      return RESERVED.includes(name) ? `"${name}" is a word of the language` : null;
    case "test":
      return /["\\\n]/.test(name) ? "a title holds no quotes" : null;
    case "rule":
      return "a rule is called as its file is: rename the file";
    default:
      return "this is no name of yours";
  }
}

const RESERVED = ["and", "or", "not"];
