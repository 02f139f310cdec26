import { basename } from "node:path";
import { compareText } from "../../base/compare-text.ts";
import { groupBy } from "../../base/group-by.ts";
import type { RankMeasure } from "../../engine/ranks/rank-measure.ts";
import type { LabelledRank } from "../../engine/ranks/side-by-side.ts";
import type { RankTrace } from "../../model/contracts/ranks.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { Run } from "../inputs/runs.ts";

/** What came of reading one file. */
export interface RankOutcome {
  readonly run: Run;
  readonly measure: RankMeasure | null;
  readonly error: TriageError | null;
}

interface NamedRanks {
  readonly traces: readonly RankTrace[];
  readonly measured: readonly LabelledRank[];
  /** Files that a newer one of the same rank and stage stands before. */
  readonly older: readonly OlderTrace[];
  /** Files without GPU events that are no rank: a front end's, a converter's. */
  readonly aside: readonly { readonly path: string; readonly problem: string }[];
}

interface OlderTrace {
  readonly label: string;
  readonly path: string;
  /** Holds the same recording as the one that counts. */
  readonly isCopy: boolean;
}

/**
 * Finds out which files are which rank, names the ranks for tables and puts them in order: by rank,
 * then those that only their file names. The trace's own word counts first, then its name; names
 * that differ in another parallel place are other ranks, whatever number the traces give
 * themselves (replicas count from 0 each).
 *
 * @throws {TriageError} `ranks/twice` when two files given by name are the same rank
 */
export function labelRanks(outcomes: readonly RankOutcome[]): NamedRanks {
  const keys = keysOf(outcomes);
  const isAside = outcomes.map((one, at) => !isRank(one, keys[at]!, keys, outcomes));
  const told = [...outcomes.keys()].filter((at) => !isAside[at]);
  const groups = [...groupBy(told, (at) => keys[at]!.key).values()];
  const older: OlderTrace[] = [];
  const ranks = groups.map((group) => {
    const own = group.map((at) => outcomes[at]!);
    const { rank, label } = keys[group[0]!]!;
    if (new Set(own.map(({ run }) => run.selection)).size < own.length || own.length === 1) {
      const kept = newestOfStages(own);
      for (const one of own)
        if (!kept.includes(one))
          older.push({ label, path: pathOf(one), isCopy: kept.some((it) => areSame(it, one)) });
      return { rank, label, kept };
    }
    throw twice(label, own);
  });
  ranks.sort((a, b) => orderOf(a.rank) - orderOf(b.rank) || compareText(a.label, b.label));
  return {
    traces: ranks.map(({ rank, label, kept }) => traceOf(rank, label, kept)),
    measured: ranks.flatMap(({ label, kept }) => {
      const measures = kept.flatMap(({ measure }) => measure ?? []);
      return measures.length === 0 ? [] : [{ label, measure: joined(measures) }];
    }),
    older,
    aside: outcomes.flatMap((one, at) =>
      isAside[at] ? [{ path: pathOf(one), problem: one.error!.message }] : [],
    ),
  };
}

/** A file without GPU events is a rank only where it names one that nothing else here is. */
function isRank(
  { error }: RankOutcome,
  own: RankKey,
  keys: readonly RankKey[],
  outcomes: readonly RankOutcome[],
): boolean {
  if (error?.code !== "trace/no-gpu-events") return true;
  if (own.rank === null) return false;
  return !outcomes.some(({ measure }, at) => measure !== null && keys[at]!.rank === own.rank);
}

/** Equal in what was measured: the same recording under two names. */
function areSame({ measure: one }: RankOutcome, { measure: other }: RankOutcome): boolean {
  if (one === null || other === null) return false;
  const told = ({ window, stages }: RankMeasure) =>
    JSON.stringify([window, stages.map(({ timeline }) => timeline)]);
  return told(one) === told(other);
}

interface RankKey {
  readonly key: string;
  readonly rank: number | null;
  readonly label: string;
}

function keysOf(outcomes: readonly RankOutcome[]): RankKey[] {
  const named = outcomes.map(({ run: { files } }) => {
    const file = files[0];
    return file === undefined || file.rank === null ? null : [file.rank, ...file.minor].join(".");
  });
  const ranks = outcomes.map(({ run, measure }) => measure?.rank ?? run.files[0]?.rank ?? null);
  return outcomes.map((outcome, at): RankKey => {
    const rank = ranks[at]!;
    const name = basename(pathOf(outcome));
    if (rank === null) return { key: name, rank, label: name };
    // Several names for one number: replicas, or places of a grid.
    const names = new Set(named.filter((one, other) => one !== null && ranks[other] === rank));
    if (names.size < 2 || named[at] === null)
      return { key: String(rank), rank, label: String(rank) };
    return { key: `${rank} ${named[at]}`, rank, label: `${rank} (${placesOf(name)})` };
  });
}

/** "TP-0-DP-1" out of a file name. */
function placesOf(name: string): string {
  const found = [...name.matchAll(/(?<![a-z])(?:tp|pp|dp|cp|dcp|ep|rank|worker)[-_]?\d+/gi)];
  return found.length === 0 ? name : found.map(([word]) => word).join(" ");
}

/** Of each stage the newest file's; files that cannot be read count where nothing else is there. */
function newestOfStages(own: readonly RankOutcome[]): RankOutcome[] {
  const readable = own.filter(({ measure }) => measure !== null);
  if (readable.length === 0) return own.slice(0, 1);
  const newest = [...readable].sort(
    (a, b) => ageOf(b) - ageOf(a) || compareText(pathOf(a), pathOf(b)),
  );
  const taken = new Set<string>();
  return newest.filter(({ measure }) => {
    const stages = measure!.stages.map(({ stage }) => stage);
    if (stages.some((stage) => taken.has(stage))) return false;
    for (const stage of stages) taken.add(stage);
    return true;
  });
}

function ageOf({ run, measure }: RankOutcome): number {
  return run.files[0]?.stamp ?? measure?.window.fromUs ?? 0;
}

function joined(measures: readonly RankMeasure[]): RankMeasure {
  const [first] = measures as [RankMeasure];
  const damages = measures.flatMap(({ damage }) => damage ?? []);
  return {
    ...first,
    paths: measures.flatMap(({ paths }) => paths),
    health: measures.flatMap(({ health }) => health),
    damage: damages.length === 0 ? null : damages.join("; "),
    stages: measures.flatMap(({ stages }) => stages),
    whole: measures.length === 1 ? first.whole : null,
  };
}

function traceOf(rank: number | null, label: string, kept: readonly RankOutcome[]): RankTrace {
  const error = kept.find((one) => one.error !== null)?.error ?? null;
  const damage = kept.flatMap(({ measure }) => measure?.damage ?? [])[0] ?? null;
  const problem = error?.message ?? damage;
  const state = error !== null ? "unreadable" : problem !== null ? "partial" : "complete";
  return { label, rank, paths: kept.map(pathOf), state, problem };
}

function pathOf({ run }: RankOutcome): string {
  return run.files[0]?.path ?? "";
}

function orderOf(rank: number | null): number {
  return rank ?? Number.MAX_SAFE_INTEGER;
}

function twice(label: string, own: readonly RankOutcome[]): TriageError {
  const [a, b] = own.map(pathOf);
  return new TriageError({
    code: "ranks/twice",
    exit: EXIT.usage,
    message: `Two traces are of rank ${label}: ${a} and ${b}.`,
    place: b ?? null,
    hint: "Give one trace per rank, all of one run.",
  });
}
