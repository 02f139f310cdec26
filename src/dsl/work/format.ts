import { lexWork, type Token } from "./lex.ts";
import { parseWork, WORK_SECTIONS } from "./parse.ts";

/**
 * The one way to write a work model: lines stay where they are broken, their words stand one blank
 * apart, sections two blanks in, what goes on from the line above two further. Comments stay with
 * their lines. Formatting twice is formatting once; a text that does not parse is returned as it is.
 */
export function formatWork(text: string): string {
  const { ast } = parseWork(text, "");
  if (!ast.complete) return text;
  const lines: string[] = [];
  let depth = 0;
  let lastLine = 0;
  for (const line of linesOf(lexWork(text))) {
    const [first] = line;
    const closes = first!.kind === "mark" && first!.text === "}";
    const begins = closes || first!.kind === "comment" || opensLine(first!, depth);
    const indent = "  ".repeat((closes ? depth - 1 : depth) + (begins ? 0 : 1));
    if (lines.length > 0 && first!.range.line > lastLine + 1 && !closes) lines.push("");
    lines.push(indent + spaced(line));
    for (const { kind, text: mark } of line)
      if (kind === "mark") depth += Number(mark === "{") - Number(mark === "}");
    lastLine = line.at(-1)!.range.line;
  }
  return `${lines.join("\n")}\n`;
}

function linesOf(tokens: readonly Token[]): Token[][] {
  const lines: Token[][] = [];
  for (const token of tokens) {
    if (token.kind === "end") break;
    const last = lines.at(-1);
    if (last !== undefined && last[0]!.range.line === token.range.line) last.push(token);
    else lines.push([token]);
  }
  return lines;
}

const TEST_LINES = ["given", "expect"];

function opensLine({ kind, text }: Token, depth: number): boolean {
  if (kind !== "word" || depth === 0) return true;
  return depth === 1 ? WORK_SECTIONS.some((each) => each === text) : TEST_LINES.includes(text);
}

/** Marks that stand close to what is before or behind them. */
const CLOSE_BEFORE = new Set([",", ")", "]", ".", "#"]);
const CLOSE_BEHIND = new Set(["(", "[", ".", "#"]);

function spaced(line: readonly Token[]): string {
  let written = "";
  for (const [index, token] of line.entries()) {
    const before = line[index - 1];
    written += (before === undefined || isClose(line, index) ? "" : " ") + spelt(token);
  }
  return written;
}

function isClose(line: readonly Token[], index: number): boolean {
  const token = line[index]!;
  const before = line[index - 1]!;
  if (token.kind === "mark") {
    if (CLOSE_BEFORE.has(token.text)) return true;
    // An index or a call's arguments, not a list or a bracketed sum.
    if (token.text === "[") return isOperand(before) && !isLead(before);
    if (token.text === "(") return before.kind === "word" && !isLead(before);
  }
  if (before.kind !== "mark") return false;
  if (before.text === "-") {
    const two = line[index - 2];
    return two === undefined || (!isOperand(two) && two.text !== ")") || isLead(two);
  }
  return CLOSE_BEHIND.has(before.text);
}

const LEADS = new Set([
  ...WORK_SECTIONS,
  "if",
  "then",
  "else",
  "and",
  "or",
  "not",
  "inputs",
  "strides",
]);

const isLead = ({ kind, text }: Token): boolean => kind === "word" && LEADS.has(text);

const isOperand = ({ kind, text }: Token): boolean =>
  kind === "word" || kind === "number" || (kind === "mark" && (text === ")" || text === "]"));

const spelt = ({ kind, text }: Token): string =>
  kind === "text" ? `"${text.replace(/[\\"]/g, "\\$&")}"` : text;
