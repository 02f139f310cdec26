import { STAGE_TITLE } from "../model/framework.ts";
import type { NearMiss } from "../model/options.ts";
import type { Report } from "../model/report.ts";
import { counted, share } from "./numbers.ts";
import { type Line, span, type Table, type Tone } from "./table.ts";

const SEVERITY_TONE = { error: "bad", warning: "warn", info: "dim" } as const satisfies Record<
  Report["diagnostics"][number]["severity"],
  Tone
>;

/** At most one line: the nearest rule where a sizeable cluster fits none. */
export function similarityLine({ similarity }: Report): Line | null {
  if (similarity === null) return null;
  return [
    span("Similar: ", "dim"),
    span(similarity.rule, "code"),
    span(` (${similarity.level})`, "strong"),
    span(` — ${similarity.reason}`, "dim"),
  ];
}

/** What is not shown and how to see it; null when everything is. */
export function hiddenLine(report: Report, tables: readonly Table[]): Line | null {
  const { kernels, overlap, fuse } = report.hiddenRows;
  const below = nonZero([
    [kernels, "kernel row"],
    [overlap, "overlap row"],
    [fuse, "fuse row"],
  ]);
  const cut = tables.reduce((sum, table) => sum + table.cut, 0);
  const parts = [
    ...(below === ""
      ? []
      : [`${below} below ${share(report.minSharePct)} (--min-share 0 shows all)`]),
    ...(cut === 0 ? [] : [`${counted(cut, "row")} beyond the table limits`]),
  ];
  return parts.length === 0 ? null : [span(`Hidden: ${parts.join("; ")}`, "dim")];
}

function nonZero(counts: readonly (readonly [number, string])[]): string {
  return counts
    .filter(([rows]) => rows > 0)
    .map(([rows, noun]) => counted(rows, noun))
    .join(", ");
}

export function diagnosticLines({ diagnostics }: Report): readonly Line[] {
  return diagnostics.map(({ severity, code, message, path }) => [
    span(severity, SEVERITY_TONE[severity]),
    span(` ${message}`),
    span(` (${path === null ? "" : `${path}, `}${code})`, "dim"),
  ]);
}

export function nearMissLines(misses: readonly NearMiss[]): readonly Line[] {
  return misses.map(({ rule, stage, reached, stoppedBy }) => [
    span(rule, "code"),
    span(` ${STAGE_TITLE[stage]}, ${share(100 * reached)} of its shape`, "dim"),
    span(` — ${stoppedBy}`),
  ]);
}
