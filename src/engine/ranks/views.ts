import type { RankRow, RanksView, Straggler, ViewPart } from "../../model/contracts/ranks.ts";
import { percent } from "../../model/trace/units.ts";
import { medianOf } from "../spread.ts";
import { type GroupKind, groupKinds } from "./group-kinds.ts";
import type { LabelledStage } from "./labelled-stage.ts";
import { nodesOf } from "./rank-node.ts";

/**
 * The ranks of a stage by node and by process group: what a step takes the ranks of each part, and
 * whether all of a part's ranks are slow, which then is the part's matter and not theirs.
 *
 * @param ranksPerNode as the user told; null where nobody did
 */
export function rankViews(
  ranks: readonly LabelledStage[],
  rows: readonly RankRow[],
  stragglers: readonly Straggler[],
  ranksPerNode: number | null,
): RanksView[] {
  const slow = new Set(stragglers.map(({ label }) => label));
  const view = (kind: string, from: string, parts: readonly Named[]): RanksView => {
    const told = parts.map((part) => partOf(part, ranks, rows, slow));
    const areAll = told.every(({ isSlow }) => isSlow);
    return {
      ...{ kind, from },
      parts: told.map((part, at) => ({
        ...part,
        slowerByPct: slowerThanOthers(told, at),
        isSlow: part.isSlow && !areAll,
      })),
    };
  };
  const nodes = nodesOf(ranks, ranksPerNode);
  return [
    ...(nodes === null ? [] : [view("node", nodes.from, byName(nodes.names))]),
    ...groupKinds(ranks).map(({ kind, groups }) =>
      view(kind, "process groups", byMembers(groups, ranks)),
    ),
  ];
}

interface Named {
  readonly name: string;
  /** Indexes of its ranks. */
  readonly members: readonly number[];
}

function byName(names: readonly string[]): Named[] {
  const all = [...new Set(names)].map((name) => ({
    name,
    members: [...names.keys()].filter((at) => names[at] === name),
  }));
  return all.sort((a, b) => a.members[0]! - b.members[0]!);
}

function byMembers(groups: GroupKind["groups"], ranks: readonly LabelledStage[]): Named[] {
  const indexOf = new Map(ranks.map(({ rank }, at) => [rank, at]));
  return groups.map((members) => ({
    name: inWords(members),
    members: members.map((rank) => indexOf.get(rank)!),
  }));
}

/** "8-15", "0, 8, 16". */
function inWords(members: readonly number[]): string {
  const [first, last] = [members[0]!, members.at(-1)!];
  if (members.length > 2 && last - first === members.length - 1) return `${first}-${last}`;
  if (members.length > 6)
    return `${members.slice(0, 3).join(", ")}, … ${last} (${members.length} ranks)`;
  return members.join(", ");
}

type Measured = Omit<ViewPart, "slowerByPct">;

function partOf(
  { name, members }: Named,
  ranks: readonly LabelledStage[],
  rows: readonly RankRow[],
  slow: ReadonlySet<string>,
): Measured {
  const own = members.map((at) => rows[at]!);
  const middle = (times: readonly (number | undefined)[]): number | null => {
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? null : medianOf(known);
  };
  const judged = members.filter((at) => ranks[at]!.isComplete && rows[at]!.ownStep !== null);
  const longest = [...judged].sort(
    (a, b) => rows[b]!.ownStep!.medianUs - rows[a]!.ownStep!.medianUs || a - b,
  )[0];
  return {
    name,
    labels: own.map(({ label }) => label),
    stepUs: middle(own.map(({ step }) => step?.medianUs)),
    ownUs: middle(own.map(({ ownStep }) => ownStep?.medianUs)),
    waitingUs: middle(own.map(({ perStep }) => perStep?.waitingUs)),
    slowest: longest === undefined ? null : rows[longest]!.label,
    isSlow: judged.length > 1 && judged.every((at) => slow.has(rows[at]!.label)),
  };
}

function slowerThanOthers(parts: readonly Measured[], at: number): number | null {
  const own = parts[at]!.ownUs;
  const others = parts.flatMap(({ ownUs }, other) => (other === at ? [] : (ownUs ?? [])));
  if (own === null || others.length === 0) return null;
  const usual = medianOf(others);
  return usual === 0 ? null : percent(own - usual, usual);
}
