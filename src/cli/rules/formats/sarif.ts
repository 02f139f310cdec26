import { sha256 } from "../../../base/sha256.ts";
import { toolVersion } from "../../../base/version.ts";
import { CODES, type Code, isCode } from "../../../dsl/checks/codes.ts";
import type { Diagnostic, Severity, SourceRange } from "../../../model/diagnostic.ts";
import { inertJson } from "../../../report/document/inert.ts";
import type { DiagnosticFormat, Findings } from "./format.ts";

const LEVEL: Record<Severity, string> = { error: "error", warning: "warning", info: "note" };

/** SARIF 2.1.0, one run. */
export const sarif: DiagnosticFormat = (findings) => {
  const { name, version } = toolVersion();
  const codes = [...new Set(findings.diagnostics.map(({ code }) => code))].sort();
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: `${name}-rules`, version, rules: codes.map(ruleOf) } },
        columnKind: "utf16CodeUnits",
        results: resultsOf(findings, codes),
      },
    ],
  };
  return inertJson(`${JSON.stringify(log, null, 2)}\n`);
};

function ruleOf(code: string) {
  if (!isCode(code)) return { id: code };
  const { number, title, level } = CODES[code satisfies Code];
  return {
    id: code,
    deprecatedIds: [number],
    shortDescription: { text: title },
    help: { text: `See docs/lint/${code}.md.` },
    defaultConfiguration: { level },
  };
}

function resultsOf({ diagnostics, texts }: Findings, codes: readonly string[]) {
  const seen = new Map<string, number>();
  return diagnostics.map((one) => {
    const key = fingerprintOf(one, texts.get(one.file) ?? "");
    const turn = seen.get(key) ?? 0;
    seen.set(key, turn + 1);
    const { code, severity, message, help, file, range, related = [] } = one;
    return {
      ruleId: code,
      ruleIndex: codes.indexOf(code),
      level: LEVEL[severity],
      message: { text: help === undefined ? message : `${message}\n${help}` },
      locations: [locationOf(file, range)],
      ...(related.length === 0
        ? {}
        : {
            relatedLocations: related.map((it, id) => ({
              id,
              ...locationOf(it.file, it.range),
              message: { text: it.message },
            })),
          }),
      partialFingerprints: { "ruleSpan/v1": `${key}:${turn}` },
    };
  });
}

/** Stays the same when lines move; GitHub tells new findings from known ones by it. */
function fingerprintOf({ code, rule, file, range }: Diagnostic, text: string): string {
  // By the number, as when codes were numbers: what is known already stays so.
  const known = isCode(code) ? CODES[code].number : code;
  const span = text.slice(range.start, range.end).replace(/\s+/g, " ");
  return sha256(JSON.stringify([known, rule ?? file, span])).slice(0, 32);
}

function locationOf(file: string, { line, column, start, end }: SourceRange) {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file) },
      region: { startLine: line, startColumn: column, charOffset: start, charLength: end - start },
    },
  };
}

/** Relative to the working folder, or absolute. */
const uriOf = (file: string): string =>
  `${file.startsWith("/") ? "file://" : ""}${file
    .replaceAll("\\", "/")
    .split("/")
    .map(encodeURIComponent)
    .join("/")}`;
