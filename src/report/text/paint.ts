import { GLUE } from "../numbers.ts";
import type { Line, Tone } from "../table.ts";

/** Select Graphic Rendition codes: on and off, the sixteen-colour set every terminal has. */
const SGR: Record<Tone, readonly [string, string] | null> = {
  plain: null,
  code: null,
  strong: ["1", "22"],
  dim: ["2", "22"],
  good: ["32", "39"],
  warn: ["33", "39"],
  bad: ["31", "39"],
};

export type Painter = (line: Line) => string;

/** Turns lines into text, with escape codes only when colour is asked for. */
export function painter(color: boolean): Painter {
  const paint = (glued: string, tone: Tone): string => {
    const text = glued.replaceAll(GLUE, " ");
    const code = SGR[tone];
    return color && code !== null ? `\u001b[${code[0]}m${text}\u001b[${code[1]}m` : text;
  };
  return (line) => line.map(({ text, tone }) => paint(text, tone)).join("");
}
