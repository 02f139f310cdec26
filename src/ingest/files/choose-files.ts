import { compareText } from "../../base/compare-text.ts";
import { groupBy } from "../../base/group-by.ts";
import { STAGES } from "../../model/framework.ts";
import type { TraceFile } from "../../model/trace/trace-selection.ts";
import { rankOfPath, stageHintOfPath, stampOfPath } from "./trace-names.ts";
import type { FoundFile } from "./walk-folder.ts";

/** A trace file with everything its name tells, before one is chosen. */
export interface Candidate extends TraceFile {
  readonly relative: string;
  readonly modifiedMs: number;
}

interface Choice {
  readonly files: readonly Candidate[];
  /** What was chosen among several, in words; null when there was nothing to choose. */
  readonly words: string | null;
}

/** @param above folders that lead to the walked one: they may name a stage or a rank too. */
export function candidateOf(file: FoundFile, above: string): Candidate {
  const named = rankOfPath(`${above}/${file.relative}`);
  return {
    path: file.path,
    rank: named?.rank ?? null,
    rankFrom: named === null ? null : named.from,
    stageHint: stageHintOfPath(`${above}/${file.relative}`),
    bytes: file.bytes,
    group: file.relative.split("/").slice(0, -1).join("/"),
    relative: file.relative,
    minor: named?.minor ?? [],
    stamp: stampOfPath(file.relative),
    modifiedMs: file.modifiedMs,
  };
}

/** Ranks present, ascending; files without one do not count. */
export function ranksOf(candidates: readonly Candidate[]): number[] {
  const ranks = new Set(candidates.map((file) => file.rank).filter((rank) => rank !== null));
  return [...ranks].sort((a, b) => a - b);
}

/**
 * Of each stage one rank (the asked one, else the lowest) and of that the newest trace; with
 * `allRanks` the newest trace of every rank.
 */
export function chooseFiles(
  candidates: readonly Candidate[],
  options: {
    readonly rank: number | null;
    readonly allRanks: boolean;
    /** Names may not tell ranks apart: what the files say decides. */
    readonly everyFile?: boolean;
  },
): Choice {
  if (options.everyFile === true)
    return { files: [...candidates].sort(inReportOrder), words: null };
  const ranks = ranksOf(candidates);
  const rank = options.allRanks ? null : (options.rank ?? ranks[0] ?? null);
  const ofRank = rank === null ? candidates : candidates.filter((file) => file.rank === rank);
  const slots = groupBy(ofRank, (file) => slotOf(file, options.allRanks));
  const files = [...slots.values()].map(newest).sort(inReportOrder);
  return { files, words: wordsFor(candidates, files, rank, ranks) };
}

/** Traces that compete for one place: same stage, and same rank when every rank is wanted. */
function slotOf(file: Candidate, everyRank: boolean): string {
  const stage = file.stageHint?.stage ?? "all";
  return everyRank ? `${stage} ${file.rank} ${file.minor.join(" ")}` : stage;
}

/** Lowest of the other dimensions (dp 0, pp 0), then latest; paths break what is left. */
function newest(files: readonly Candidate[]): Candidate {
  return files.reduce((best, file) => {
    const minor = compareNumbers(file.minor, best.minor);
    if (minor !== 0) return minor < 0 ? file : best;
    const age = ageOrder(file, best);
    if (age !== 0) return age > 0 ? file : best;
    return file.relative > best.relative ? file : best;
  });
}

/** Stamps in names outlive copying; file times decide only where a name has none. */
function ageOrder(a: Candidate, b: Candidate): number {
  if (a.stamp !== null && b.stamp !== null) return a.stamp - b.stamp;
  return a.modifiedMs - b.modifiedMs;
}

function inReportOrder(a: Candidate, b: Candidate): number {
  return (
    compareText(a.group, b.group) ||
    stageNumber(a) - stageNumber(b) ||
    (a.rank ?? -1) - (b.rank ?? -1) ||
    compareNumbers(a.minor, b.minor) ||
    compareText(a.relative, b.relative)
  );
}

function stageNumber(file: Candidate): number {
  return STAGES.indexOf(file.stageHint?.stage ?? "all");
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function wordsFor(
  candidates: readonly Candidate[],
  files: readonly Candidate[],
  rank: number | null,
  ranks: readonly number[],
): string | null {
  if (files.length === candidates.length) return null;
  const parts: string[] = [];
  if (rank !== null && ranks.length > 1) parts.push(`rank ${rank} of ranks ${listOf(ranks)}`);
  const unranked = candidates.filter((file) => file.rank === null).length;
  if (rank !== null && unranked > 0) parts.push(`leaving ${unranked} that name no rank`);
  const rivals = candidates.filter((file) => rank === null || file.rank === rank).length;
  if (rivals > files.length) {
    parts.push(`the newest per stage: ${files.length} of ${rivals} traces`);
  }
  if (parts.length === 0) parts.push(`${files.length} of ${candidates.length} traces`);
  return `took ${parts.join(", ")}`;
}

/** "0-7" where nothing is missing, "0, 2, 5" otherwise. */
export function listOf(numbers: readonly number[]): string {
  const [first, last] = [numbers[0]!, numbers.at(-1)!];
  const whole = last - first === numbers.length - 1;
  return whole && numbers.length > 2 ? `${first}-${last}` : numbers.join(", ");
}
