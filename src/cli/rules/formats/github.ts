import type { Diagnostic, Severity } from "../../../model/diagnostic.ts";
import { inert } from "../../../report/document/inert.ts";
import { countedText, type DiagnosticFormat } from "./format.ts";

const COMMAND: Record<Severity, string> = { error: "error", warning: "warning", info: "notice" };

/** Workflow commands, which GitHub shows as annotations on the lines of a pull request. */
export const github: DiagnosticFormat = ({ diagnostics }) =>
  [...diagnostics.map(annotation), countedText(diagnostics)].map((it) => `${it}\n`).join("");

function annotation({ code, severity, file, range, message, help }: Diagnostic): string {
  const place = [
    `file=${property(file)}`,
    `line=${range.line}`,
    `col=${range.column}`,
    `title=${property(code)}`,
  ].join(",");
  const text = help === undefined ? message : `${message}\n${help}`;
  return `::${COMMAND[severity]} ${place}::${data(text)}`;
}

/** A message may hold anything but the characters that end a command; its lines stay lines. */
const data = (text: string): string =>
  text
    .split("\n")
    .map((line) => inert(line).replace(/%/g, "%25"))
    .join("%0A");

/** In a property also the characters that part properties. */
const property = (text: string): string => data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
