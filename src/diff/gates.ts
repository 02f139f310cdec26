import type { Diff } from "../model/contracts/diff.ts";
import { exceedsGate, type GateText, parseGateText } from "../model/contracts/gate-text.ts";
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
    title: "stages that are slower",
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
      ...stages.filter(isUnsure).map(({ stage }) => ({ name: stage as string, pct: 0 })),
      ...[...onlyBefore, ...onlyAfter].map((name) => ({ name, pct: 0 })),
    ],
  },
  doubtful: {
    title: "reasons to doubt the comparison",
    rows: ({ warnings }) => warnings.map(({ message }) => ({ name: message, pct: 0 })),
  },
};

/** Its verdict says so, or rests on GPU time because its steps are too few. */
const isUnsure = ({ verdict, metrics }: Diff["stages"][number]): boolean =>
  verdict.change === "inconclusive" ||
  metrics.some(({ metric, change }) => metric === "stepTime" && change === "inconclusive");

/**
 * Reads NAME, NAME>2% or NAME>3, as the gates of the policy are written.
 *
 * @throws {TriageError} gate/syntax, gate/unknown (exit 2)
 */
export function parseDiffGate(text: string): GateText {
  const names = Object.keys(GATES);
  return parseGateText(text, names, `Gates of triage diff: ${names.join(", ")}.`);
}

export function judgeDiffGate(spec: GateText, diff: Diff): Gate {
  const gate = GATES[spec.name]!;
  const rows = gate.rows(diff);
  const isPercent = spec.measure === "percent";
  const held = isPercent ? rows.filter(({ pct }) => exceedsGate(spec, pct)) : rows;
  const failed = isPercent ? held.length > 0 : exceedsGate(spec, rows.length);
  const list = held.map((row) => (row.pct > 0 ? `${row.name}, ${row.pct.toFixed(1)}%` : row.name));
  const named = list.length > 0 ? ` (${list.join("; ")})` : "";
  return { id: spec.text, failed, reason: `${gate.title}: ${rows.length}${named}` };
}
