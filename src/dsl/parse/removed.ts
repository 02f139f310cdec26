import type { IToken } from "chevrotain";
import { RegularExpression } from "./tokens.ts";

/** A construct of older files, and what says the same today. */
interface Removed {
  readonly message: string;
  readonly help: string;
}

const REGULAR_EXPRESSION: Removed = {
  message: "edition 1 no longer has regular expressions",
  help: 'write a glob, or several joined with `|`: name "*gemm*" | "nvjet*"',
};

/** Words that no construct of the language begins or goes on with. */
const WORDS: ReadonlyMap<string, Removed> = new Map([
  [
    "feeds",
    {
      message: "edition 1 no longer has `feeds`",
      help: "leave it out: no trace records where data flows; bound the idle time instead, as in [gap 5us]",
    },
  ],
  [
    "per",
    {
      message: "edition 1 no longer has `per layer` and `per step`",
      help: "write `repeat >= N` alone: it counts in the stage",
    },
  ],
]);

/** What to say of a token that an earlier form of the edition knew; null for any other. */
export function removedConstruct({ tokenType, image }: IToken): Removed | null {
  return tokenType === RegularExpression ? REGULAR_EXPRESSION : (WORDS.get(image) ?? null);
}
