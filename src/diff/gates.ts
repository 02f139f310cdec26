import type { Diff } from "../model/diff.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import { nearestWord } from "../model/nearest.ts";
import type { Gate } from "../model/options.ts";

interface Held {
  readonly name: string;
  /** Percent the limit is compared with. */
  readonly pct: number;
}

/** What `--fail-on` of `triage diff` may ask; the rows that hold, and what their percentage is. */
const GATES: Readonly<
  Record<string, { readonly title: string; readonly rows: (diff: Diff) => readonly Held[] }>
> = {
  regression: {
    title: "stages that are slower beyond noise",
    rows: ({ stages }) =>
      stages
        .filter(({ verdict }) => verdict.change === "slower")
        .map(({ stage, verdict }) => ({ name: stage, pct: verdict.pct ?? 0 })),
  },
  "kernel-slower": {
    title: "kernels that are slower beyond noise",
    rows: ({ stages }) =>
      stages.flatMap(({ stage, kernels, positions }) => {
        const slower = [...kernels, ...positions].filter(({ change }) => change === "slower");
        const worst = new Map<string, number>();
        for (const { before, medianPct } of slower) {
          const name = `${before!.shortName} (${stage})`;
          worst.set(name, Math.max(worst.get(name) ?? 0, medianPct ?? 0));
        }
        return [...worst].map(([name, pct]) => ({ name, pct }));
      }),
  },
  "rule-lost": {
    title: "fused paths that were in use and no longer are",
    rows: ({ stages }) =>
      stages.flatMap(({ stage, rules }) =>
        rules
          .filter(({ change }) => change === "lost")
          .map(({ rule, sharePct }) => ({ name: `${rule} (${stage})`, pct: sharePct })),
      ),
  },
  "idle-grown": {
    title: "stages whose idle time grew beyond noise",
    rows: ({ stages }) =>
      stages.flatMap(({ stage, metrics }) =>
        metrics
          .filter(({ metric, change }) => metric === "idle" && change === "slower")
          .map(({ pct }) => ({ name: stage, pct: pct ?? Infinity })),
      ),
  },
  inconclusive: {
    title: "stages that cannot be judged or lack a counterpart",
    rows: ({ stages, onlyBefore, onlyAfter }) => [
      ...stages
        .filter(({ verdict }) => verdict.change === "inconclusive")
        .map(({ stage }) => ({ name: stage as string, pct: 0 })),
      ...[...onlyBefore, ...onlyAfter].map((name) => ({ name, pct: 0 })),
    ],
  },
  doubtful: {
    title: "reasons to doubt the comparison",
    rows: ({ warnings }) => warnings.map(({ message }) => ({ name: message, pct: 0 })),
  },
};

export interface DiffGate {
  readonly text: string;
  readonly name: string;
  readonly orMore: boolean;
  readonly measure: "percent" | "rows";
  readonly limit: number;
}

/**
 * Reads NAME, NAME>2% or NAME>3, as the gates of the policy are written.
 *
 * @throws {TriageError} gate/syntax, gate/unknown (exit 2)
 */
export function parseDiffGate(text: string): DiffGate {
  const parts = /^\s*([a-z][a-z0-9-]*)\s*(?:(>=?)\s*(\d+(?:\.\d+)?)\s*(%?))?\s*$/.exec(text);
  const names = Object.keys(GATES);
  const wrong = (code: string, message: string): TriageError =>
    new TriageError({
      code: `gate/${code}`,
      exit: EXIT.usage,
      message,
      hint: `Gates of triage diff: ${names.join(", ")}.`,
    });
  if (parts === null)
    throw wrong("syntax", `'${text}' is not a gate. Write NAME, NAME>2% or NAME>3.`);
  const name = parts[1]!;
  if (!Object.hasOwn(GATES, name)) {
    const near = nearestWord(name, names);
    const meant = near === null ? "" : ` Did you mean '${near}'?`;
    throw wrong("unknown", `There is no gate '${name}'.${meant}`);
  }
  const measure = parts[4] === "%" ? "percent" : "rows";
  return { text, name, measure, orMore: parts[2] === ">=", limit: Number(parts[3] ?? 0) };
}

export function judgeDiffGate({ text, name, orMore, measure, limit }: DiffGate, diff: Diff): Gate {
  const gate = GATES[name]!;
  const exceeds = (value: number): boolean => (orMore ? value >= limit : value > limit);
  const rows = gate.rows(diff);
  const held = measure === "percent" ? rows.filter(({ pct }) => exceeds(pct)) : rows;
  const failed = measure === "percent" ? held.length > 0 : exceeds(rows.length);
  const list = held.map((row) => (row.pct > 0 ? `${row.name}, ${row.pct.toFixed(1)}%` : row.name));
  const named = list.length > 0 ? ` (${list.join("; ")})` : "";
  return { id: text, failed, reason: `${gate.title}: ${rows.length}${named}` };
}
