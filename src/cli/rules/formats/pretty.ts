import type { Diagnostic, Severity, SourceRange } from "../../../model/diagnostic.ts";
import { inert } from "../../../report/document/inert.ts";
import type { Tone } from "../../../report/table.ts";
import { displayWidth } from "../../../report/text/width.ts";
import { toned } from "../../terminal/terminal.ts";
import { countedText, type DiagnosticFormat, type Findings } from "./format.ts";

const TONE: Record<Severity, Tone> = { error: "bad", warning: "warn", info: "dim" };

/** For people: each remark with the lines it speaks of, and what to do. */
export const pretty: DiagnosticFormat = (findings, color) =>
  [
    ...findings.diagnostics.map((one) => `${block(one, findings, color)}\n`),
    countedText(findings.diagnostics),
  ]
    .map((it) => `${it}\n`)
    .join("");

function block(one: Diagnostic, { texts }: Findings, color: boolean): string {
  const { code, severity, message, file, range, help, related = [] } = one;
  const frames = [
    ...frame(texts.get(file), file, range, "", TONE[severity], color),
    ...related.flatMap((it) =>
      frame(texts.get(it.file), it.file, it.range, it.message, "dim", color),
    ),
  ];
  return [
    `${toned(`${severity}[${code}]`, TONE[severity], color)}: ${toned(message, "strong", color)}`,
    ...frames,
    ...(help === undefined ? [] : help.split("\n").map((line) => `  = help: ${inert(line)}`)),
  ].join("\n");
}

/** Characters of a line that are shown; longer lines are cut around the place. */
const WIDEST = 110;

/** Where it is, the line, and a mark below it. */
function frame(
  text: string | undefined,
  file: string,
  range: SourceRange,
  note: string,
  tone: Tone,
  color: boolean,
): string[] {
  const { line, column } = range;
  const place = `  --> ${inert(file)}:${line}:${column}`;
  const written = text?.split(/\r\n?|\n/)[line - 1];
  if (written === undefined) return [note === "" ? place : `${place} ${inert(note)}`];
  const from = Math.max(0, Math.min(column - 1 - 20, written.length - WIDEST));
  const shown = written.slice(from, from + WIDEST);
  const before = inert(shown.slice(0, column - 1 - from));
  const marked = Math.min(range.end - range.start, shown.length - (column - 1 - from));
  const under = inert(shown.slice(column - 1 - from, column - 1 - from + Math.max(1, marked)));
  const margin = String(line);
  const mark = "^".repeat(Math.max(1, displayWidth(under)));
  return [
    place,
    `${margin} | ${inert(shown)}`,
    `${" ".repeat(margin.length)} | ${" ".repeat(displayWidth(before))}${toned(
      note === "" ? mark : `${mark} ${note}`,
      tone,
      color,
    )}`,
  ];
}
