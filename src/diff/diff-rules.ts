import { compareText } from "../base/compare-text.ts";
import type { RuleChange, RuleDiff } from "../model/contracts/diff.ts";
import type { FuseRow } from "../model/contracts/report.ts";
import type { StateName } from "../model/rule.ts";

interface RuleContext {
  readonly minSharePct: number;
  /** Short names of kernels in whose place the other side has one of unknown name. */
  readonly takenPlaces: ReadonlySet<string>;
  /** Per kernel's short name those that came where it stood, with no kernel more than before. */
  readonly gaveWayTo: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Rules whose state is another one: paths lost and gained first, then by share. */
export function diffRules(
  before: readonly FuseRow[],
  after: readonly FuseRow[],
  { minSharePct, takenPlaces, gaveWayTo }: RuleContext,
): readonly RuleDiff[] {
  const ids = [...new Set([...before, ...after].map(({ rule }) => rule))].sort();
  return ids
    .flatMap((id): RuleDiff[] => {
      const old = before.find(({ rule }) => rule === id);
      const fresh = after.find(({ rule }) => rule === id);
      const said = changeOf(old?.state ?? null, fresh?.state ?? null);
      const alone = old === undefined ? fresh! : fresh === undefined ? old : null;
      const isTaken = alone?.evidence.some(({ kernel }) => takenPlaces.has(kernel)) ?? false;
      const isGone = said === "lost" && fresh === undefined;
      const came = isGone ? cameFor(old!, gaveWayTo) : NONE;
      const replacedBy = isGone ? ruleOf(came, id, after) : null;
      const change =
        replacedBy !== null
          ? "replaced"
          : said !== null && (isTaken || came.size > 0)
            ? "not-judged"
            : said;
      const row = fresh ?? old!;
      // A row that the other report may only have hidden is no news.
      const isSeen = (old !== undefined && fresh !== undefined) || row.sharePct >= 2 * minSharePct;
      if (change === null || !isSeen) return [];
      const { title, status, sharePct, sources, advice } = row;
      return [
        {
          rule: id,
          title,
          status,
          change,
          replacedBy,
          before: old?.state ?? null,
          after: fresh?.state ?? null,
          sharePct,
          sources: sources.map(({ url }) => url),
          advice,
        },
      ];
    })
    .sort(
      (a, b) =>
        Number(isCause(b)) - Number(isCause(a)) ||
        b.sharePct - a.sharePct ||
        compareText(a.rule, b.rule),
    );
}

const NONE: ReadonlySet<string> = new Set();

/** Kernels that stand where this row's stood. */
const cameFor = ({ evidence }: FuseRow, gaveWayTo: RuleContext["gaveWayTo"]): ReadonlySet<string> =>
  new Set(evidence.flatMap(({ kernel }) => [...(gaveWayTo.get(kernel) ?? NONE)]));

/** The rule whose fused path these kernels are; null where there is none. */
function ruleOf(
  kernels: ReadonlySet<string>,
  own: string,
  after: readonly FuseRow[],
): string | null {
  const found = after.find(
    ({ rule, state, evidence }) =>
      rule !== own && state === "active" && evidence.some(({ kernel }) => kernels.has(kernel)),
  );
  return found?.rule ?? null;
}

/** What was lost or gained made the change; an opportunity that came with it is its consequence. */
function isCause({ change }: RuleDiff): boolean {
  return change === "lost" || change === "gained";
}

function changeOf(before: StateName | null, after: StateName | null): RuleChange | null {
  if (before === after) return null;
  if (after === null) return before === "active" ? "lost" : "gone";
  if (after === "active") return "gained";
  if (before === "active") return "lost";
  return before === null ? "new-opportunity" : "changed";
}

/** Names, per kernel's short name, the rule whose change accounts for it; null for none. */
export function explainer(
  changes: readonly RuleDiff[],
  ...tables: readonly (readonly FuseRow[])[]
): (shortName: string) => string | null {
  const byKernel = new Map<string, string>();
  for (const { rule } of changes)
    for (const row of tables.flat())
      if (row.rule === rule)
        for (const { kernel } of row.evidence)
          if (!byKernel.has(kernel)) byKernel.set(kernel, rule);
  return (shortName) => byKernel.get(shortName) ?? null;
}
