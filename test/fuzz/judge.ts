import { isDeepStrictEqual } from "node:util";
import { parseTolerantly } from "../../src/ingest/reader/tolerant-json.ts";
import type { Trace } from "../../src/model/trace/trace.ts";
import { CONTENDERS, type Contender, type Outcome } from "./contenders.ts";

/** What is known about a document before any reader saw it. */
export interface Case {
  readonly bytes: Uint8Array;
  /** Chunk ends, ascending. */
  readonly places: readonly number[];
  /** A whole document, cut short: nothing before the cut may be lost. */
  readonly isCut?: boolean;
}

export type Tally = "whole" | "cut" | "broken" | "broken, overlooked";

/** A reader broke its word; the message says which and how. */
export class Disagreement extends Error {
  override readonly name = "Disagreement";
}

/** Longer than any of the cases should take, on a busy machine too. */
const SLOW_MS = 10_000;

/**
 * Reads a case with every reader and compares what they say.
 *
 * - A whole document: the same trace, without damage.
 * - A cut one: the same elements, and all readers find the cut.
 * - A broken one: what the reference saw before it stopped is how the others begin. They may go on
 *   behind the damage, and may overlook it where it lies in a value nobody reads or is but a missing
 *   or surplus comma.
 * - Whatever it is: chunks make no difference, and nothing takes long.
 *
 * @throws Disagreement
 */
export async function judge(given: Case): Promise<Tally> {
  const { bytes, places } = given;
  const [tested, ...others] = CONTENDERS;
  const outcome = await timed(tested!, bytes, places);
  const atOnce = await timed(tested!, bytes, []);
  sameOutcome(outcome, atOnce, `${tested!.name} in chunks and at once`);
  const isWhole = isJson(bytes);
  let overlooked = false;
  for (const other of others) {
    const theirs = await timed(other, bytes, places);
    const pair = `${tested!.name} and ${other.name}`;
    if (!other.stopsAtDamage) sameOutcome(outcome, theirs, pair);
    else if (isWhole) sameWhole(outcome, theirs, pair);
    else {
      sameStart(outcome, theirs, given.isCut === true, pair);
      overlooked ||=
        outcome.verdict === "trace" && outcome.damage === null && theirs.damage !== null;
    }
  }
  if (isWhole) return "whole";
  if (given.isCut === true) return "cut";
  return overlooked ? "broken, overlooked" : "broken";
}

async function timed(
  contender: Contender,
  bytes: Uint8Array,
  places: readonly number[],
): Promise<Outcome> {
  const start = process.cpuUsage();
  const outcome = await contender.read(bytes, places);
  const ms = process.cpuUsage(start).user / 1000;
  if (ms > SLOW_MS) throw new Disagreement(`${contender.name} took ${Math.round(ms)} ms`);
  return outcome;
}

/** Whether JSON.parse takes the document, NaN and Infinity aside. */
function isJson(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  try {
    parseTolerantly(text.replace(/^\uFEFF/, ""));
    return true;
  } catch {
    return false;
  }
}

function sameWhole(ours: Outcome, theirs: Outcome, pair: string): void {
  if (ours.verdict === "trace" && theirs.damage !== null)
    throw new Disagreement(`the reference finds ${theirs.damage} in a whole document`);
  sameOutcome(ours, theirs, pair);
  if (ours.verdict === "trace" && ours.damage !== null)
    throw new Disagreement(`damage in a whole document: ${ours.damage}`);
}

function sameOutcome(ours: Outcome, theirs: Outcome, pair: string): void {
  if (ours.verdict !== theirs.verdict)
    throw new Disagreement(`${pair}: ${ours.verdict} against ${theirs.verdict}`);
  if (ours.verdict !== "trace") return;
  sameRows(ours.rows, theirs.rows, pair);
  if (ours.rows.length !== theirs.rows.length)
    throw new Disagreement(`${pair}: ${ours.rows.length} against ${theirs.rows.length} elements`);
  if ((ours.damage === null) !== (theirs.damage === null))
    throw new Disagreement(`${pair}: damage ${ours.damage} against ${theirs.damage}`);
  sameTrace(ours.trace!, theirs.trace!, pair);
}

function sameStart(ours: Outcome, theirs: Outcome, isCut: boolean, pair: string): void {
  sameRows(theirs.rows, ours.rows, pair);
  if (ours.rows.length < theirs.rows.length)
    throw new Disagreement(
      `${pair}: ${ours.rows.length} elements, ${theirs.rows.length} before damage`,
    );
  if (theirs.damage === null && theirs.verdict === "trace" && ours.damage === null)
    sameTrace(ours.trace!, theirs.trace!, pair);
  if (!isCut || ours.verdict !== "trace") return;
  if (ours.rows.length !== theirs.rows.length)
    throw new Disagreement(
      `${pair}: ${ours.rows.length} against ${theirs.rows.length} before a cut`,
    );
  if (ours.damage === null) throw new Disagreement(`${pair}: a cut without damage`);
}

function sameRows(ours: readonly string[], theirs: readonly string[], pair: string): void {
  const at = ours.findIndex((row, i) => i < theirs.length && row !== theirs[i]);
  if (at >= 0)
    throw new Disagreement(
      `${pair}: element ${at}: ${JSON.stringify(ours[at])} against ${JSON.stringify(theirs[at])}`,
    );
}

function sameTrace(ours: Trace, theirs: Trace, pair: string): void {
  for (const key of Object.keys(ours) as (keyof Trace)[])
    if (!isDeepStrictEqual(told(ours, key), told(theirs, key)))
      throw new Disagreement(
        `${pair}: ${key}: ${JSON.stringify(ours[key])} against ${JSON.stringify(theirs[key])}`,
      );
}

/** How much was read before giving up is not the same for all, nor need it be. */
function told(trace: Trace, key: keyof Trace): unknown {
  return key === "origin" ? { ...trace.origin, bytes: null, damage: null } : trace[key];
}
