import type { HealthFinding } from "../../model/contracts/health.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { type EventId, NO_ID, type Row } from "../../model/trace/units.ts";
import type { Checked } from "./checked.ts";

/** Launches that bear an id others bear too. */
interface Repeats {
  /** Rows in `trace.launches` by id, two or more each, by ascending start. */
  readonly byId: ReadonlyMap<EventId, readonly Row[]>;
  readonly launches: number;
}

/** So clearly most of a lane's kernels must have their launch in one process. */
const CLEAR_SHARE = 0.9;

/**
 * Ranks or recordings in one file whose ids are the same: tells which host process launches on
 * which GPU lane, so that no kernel takes another rank's launch.
 */
export function toldProcesses(trace: Trace): Checked {
  const owners = trace.streams.filter(({ owner }) => owner !== undefined);
  const repeats = repeatedIds(trace);
  const findings: HealthFinding[] = [];
  const pids = [...new Set(trace.streams.flatMap(({ owner }) => owner ?? []))];
  if (pids.length > 1)
    findings.push({
      kind: "merged-ranks",
      count: pids.length,
      us: 0,
      where: `GPU lanes of processes ${pids.slice(0, 4).join(", ")} name the same device and stream`,
      remedy:
        "several ranks were merged into one file and their figures add up here: triage each rank's own file, or one of them with --pid-substring",
    });
  if (repeats.byId.size === 0) return { trace, findings };
  if (pids.length <= 1) findings.push(repeatedIdsFinding(trace, repeats));
  if (owners.every(({ owner }) => owner === undefined || !/^\d+$/.test(owner)))
    return { trace, findings };
  const processOf = processesOf(trace, repeats);
  const streams = trace.streams.map((stream) => {
    const process = stream.owner === undefined ? undefined : processOf.get(stream.owner);
    return process === undefined ? stream : { ...stream, process };
  });
  return { trace: { ...trace, streams }, findings };
}

function repeatedIds({ launches }: Trace): Repeats {
  const first = new Map<EventId, Row>();
  const byId = new Map<EventId, Row[]>();
  if (!mayRepeat(launches.correlation)) return { byId, launches: 0 };
  let count = 0;
  for (let row = 0; row < launches.count; row++) {
    const id = launches.correlation[row]!;
    if (id === NO_ID || id === 0) continue;
    const before = first.get(id);
    if (before === undefined) {
      first.set(id, row);
      continue;
    }
    const rows = byId.get(id);
    if (rows === undefined) byId.set(id, [before, row]);
    else rows.push(row);
    count++;
  }
  return { byId, launches: count };
}

/** Ids ascend with time in nearly all recordings: then none repeats, and nothing need be stored. */
function mayRepeat(ids: Float64Array): boolean {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    if (id === NO_ID || id === 0) continue;
    if (id < least) least = id;
    if (id > most) most = id;
  }
  const range = most - least + 1;
  if (!(range > 0)) return false;
  if (range > MOST_FLAGS) return true;
  const flags = new Uint8Array(range);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    if (id === NO_ID || id === 0) continue;
    if (flags[id - least] === 1) return true;
    flags[id - least] = 1;
  }
  return false;
}

/** Ids of a recording are close together; a wider range than this is looked up, not flagged. */
const MOST_FLAGS = 1 << 26;

/** Repeated ids in one lane: another recording's, or another rank's under the same pids. */
function repeatedIdsFinding({ launches }: Trace, { byId }: Repeats): HealthFinding {
  const [id, rows] = byId.entries().next().value!;
  const apart = launches.start[rows[1]!]! - launches.start[rows[0]!]!;
  return {
    kind: "repeated-ids",
    count: byId.size,
    us: 0,
    where: `correlation ${id} has ${rows.length} launches, ${(apart / 1e6).toFixed(3)} ms apart`,
    remedy:
      "each kernel takes the nearest launch before it; two recordings or several merged ranks are in one file: triage each by itself where they ran at once",
  };
}

/** By owner of a GPU lane the host process that launches there. */
function processesOf(trace: Trace, { byId }: Repeats): ReadonlyMap<string, string> {
  const { gpu, launches, streams, threads } = trace;
  const pidOf = (launch: Row): string => threads[launches.thread[launch]!]!.pid;
  const votes = new Map<string, Map<string, number>>();
  for (let row = 0; row < gpu.count; row++) {
    const owner = streams[gpu.stream[row]!]!.owner;
    if (owner === undefined) continue;
    const rows = byId.get(gpu.correlation[row]!);
    if (rows === undefined) continue;
    const launch = rows.findLast((one) => launches.start[one]! <= gpu.start[row]!) ?? rows[0]!;
    const ofOwner = votes.get(owner) ?? new Map<string, number>();
    const pid = pidOf(launch);
    ofOwner.set(pid, (ofOwner.get(pid) ?? 0) + 1);
    votes.set(owner, ofOwner);
  }
  const clear = clearMajorities(votes);
  if (clear !== null) return clear;
  // Ranks that ran in step cannot be told by time. Who merges files shifts all pids of one alike.
  const owners = [...votes.keys()].sort(byNumber);
  const pids = [...new Set([...byId.values()].flat().map(pidOf))].sort(byNumber);
  if (owners.length !== pids.length) return new Map();
  return new Map(owners.map((owner, at) => [owner, pids[at]!]));
}

/** Null unless every owner has its own process. */
function clearMajorities(
  votes: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Map<string, string> | null {
  const processOf = new Map<string, string>();
  for (const [owner, counts] of votes) {
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const found = [...counts].find(([, count]) => count >= all * CLEAR_SHARE);
    if (found === undefined) return null;
    processOf.set(owner, found[0]);
  }
  return new Set(processOf.values()).size === processOf.size ? processOf : null;
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}
