import { groupBy } from "../../base/group-by.ts";
import type { Report } from "../../model/contracts/report.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import type { NearMiss } from "../../model/options.ts";
import { counted, share } from "../numbers.ts";
import { type Line, span, type Table, type Tone } from "../table.ts";

const SEVERITY_TONE = { error: "bad", warning: "warn", info: "dim" } as const satisfies Record<
  Report["diagnostics"][number]["severity"],
  Tone
>;

/** Remarks of one kind that are printed in full. */
const MOST_ALIKE = 3;

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
  const { kernels, overlap, fuse, actions } = report.hiddenRows;
  const below = nonZero([
    [kernels, "kernel row"],
    [overlap, "overlap row"],
    [fuse, "fuse row"],
  ]);
  const cut = tables.reduce((sum, table) => sum + table.cut, 0);
  const parts = [
    ...(actions === 0 ? [] : [`${counted(actions, "action")} that would save less`]),
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

/** Remarks, of each kind the first few: a broken source lock alone can make hundreds. */
export function diagnosticLines({ diagnostics }: Report): readonly Line[] {
  const kinds = groupBy(diagnostics, ({ severity, code }) => `${severity} ${code}`);
  return [...kinds.values()].flatMap((alike) => {
    const shown = alike.length > MOST_ALIKE + 1 ? alike.slice(0, MOST_ALIKE) : alike;
    const more = alike.length - shown.length;
    const rest = span(`+${more} more of ${alike[0]!.code} (--format json has all)`, "dim");
    return [...shown.map(diagnosticLine), ...(more === 0 ? [] : [[rest]])];
  });
}

function diagnosticLine({ severity, code, message, path }: Report["diagnostics"][number]): Line {
  return [
    span(severity, SEVERITY_TONE[severity]),
    span(` ${message}`),
    span(` (${path === null ? "" : `${path}, `}${code})`, "dim"),
  ];
}

export function nearMissLines(misses: readonly NearMiss[]): readonly Line[] {
  const isOther = ({ stoppedBy }: NearMiss): boolean => OTHER_ENGINE.test(stoppedBy);
  const others = [...new Set(misses.filter(isOther).map(({ rule }) => rule))];
  const lines = misses
    .filter((miss) => !isOther(miss))
    .map(({ rule, stage, reached, stoppedBy }) => [
      span(rule, "code"),
      span(` ${STAGE_TITLE[stage]}, ${share(100 * reached)} of its shape`, "dim"),
      span(` — ${stoppedBy}`),
    ]);
  return others.length === 0
    ? lines
    : [
        ...lines,
        [
          span(`${counted(others.length, "rule")} of other engines: `, "dim"),
          ...others.flatMap((rule, at) => [span(at === 0 ? "" : ", "), span(rule, "code")]),
        ],
      ];
}

/** A guard on the engine was false. */
const OTHER_ENGINE = /: (?:when )?framework\b/;
