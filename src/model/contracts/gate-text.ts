import { nearestWord } from "../../base/nearest.ts";
import { EXIT, TriageError } from "../errors.ts";

/** A gate as `--fail-on` spells it: NAME, NAME>2% or NAME>3. */
export interface GateText {
  readonly text: string;
  readonly name: string;
  /** What the limit is compared with: each row's percentage, or how many rows there are. */
  readonly measure: "percent" | "rows";
  /** Whether the limit itself exceeds: `>=`. */
  readonly orMore: boolean;
  /** 0 where none is written: then any row fails the gate. */
  readonly limit: number;
}

/**
 * @param names of the gates there are; `known` says so in words, as the hint.
 * @throws {TriageError} `gate/syntax` for text that is none, `gate/unknown` for another name (exit 2)
 */
export function parseGateText(text: string, names: readonly string[], known: string): GateText {
  const wrong = (code: string, message: string): TriageError =>
    new TriageError({ code: `gate/${code}`, exit: EXIT.usage, message, hint: known });
  const parts = /^\s*([a-z][a-z0-9-]*)\s*(?:(>=?)\s*(\d+(?:\.\d+)?)\s*(%?))?\s*$/.exec(text);
  if (parts === null)
    throw wrong("syntax", `'${text}' is not a gate. Write NAME, NAME>2% or NAME>3.`);
  const [, name = "", operator, digits, unit] = parts;
  if (!names.includes(name)) {
    const near = nearestWord(name, names);
    const meant = near === null ? "" : ` Did you mean '${near}'?`;
    throw wrong("unknown", `There is no gate '${name}'.${meant}`);
  }
  const measure = unit === "%" ? "percent" : "rows";
  return { text, name, measure, orMore: operator === ">=", limit: Number(digits ?? 0) };
}

export function exceedsGate({ orMore, limit }: GateText, value: number): boolean {
  return orMore ? value >= limit : value > limit;
}
