import type { TextId } from "../columns/text-table.ts";
import type { EventRow } from "./event-row.ts";

const END = 0x45; // E
const LOWER_CASE = 0x61;
/** What tells `b` from `B`. */
const CASE = 0x20;

/** What a half without its other half lacks. */
type Missing = "beginning" | "end";

interface Pairing {
  /** A begin, with its duration. */
  readonly keep: (whole: EventRow) => void;
  readonly lose: (row: EventRow, what: Missing) => void;
}

/**
 * Events written as a begin and an end. They are paired when all are known: some exporters sort
 * events by name or write one thread in several pieces, and only the times tell which end is whose.
 */
export class OpenEvents {
  readonly #byThread = new Map<string, EventRow[]>();

  add(row: EventRow): void {
    const thread = threadOf(row);
    const halves = this.#byThread.get(thread);
    if (halves === undefined) this.#byThread.set(thread, [{ ...row }]);
    else halves.push({ ...row });
  }

  /** Pairs everything added: on one thread the innermost event of a name ends first. */
  pair(pairing: Pairing): void {
    for (const halves of this.#byThread.values()) {
      // As written where that is the order of time.
      if (halves.every((half, at) => at === 0 || byTime(halves[at - 1]!, half) <= 0))
        pairThread(halves, pairing, false);
      else pairThread(halves.toSorted(byTimeAndEnd), pairing, true);
    }
    this.#byThread.clear();
  }
}

/** @param isSorted ends stand before the begins of the same time: those of events without duration, too. */
function pairThread(halves: readonly EventRow[], { keep, lose }: Pairing, isSorted: boolean): void {
  const ended = new Set<EventRow>();
  const open: EventRow[] = [];
  const openByName = new Map<TextId, EventRow[]>();
  let early: EventRow[] = [];
  const join = (begun: EventRow, end: EventRow): void => {
    ended.add(begun);
    begun.duration = (end.us - begun.us) * 1000 + end.ns - begun.ns;
    keep(begun);
  };
  for (const half of halves) {
    if (early.length > 0 && byTime(early[0]!, half) !== 0) {
      for (const end of early) lose(end, "beginning");
      early = [];
    }
    const named = openByName.get(half.name) ?? [];
    if (isEnd(half)) {
      // An end need not repeat the name.
      const begun = lastOpen(half.name === 0 ? open : named, ended);
      if (begun !== null) join(begun, half);
      else if (isSorted) early.push(half);
      else lose(half, "beginning");
      continue;
    }
    const instant = early.findIndex(({ name }) => name === half.name || name === 0);
    if (instant >= 0) {
      join(half, early.splice(instant, 1)[0]!);
      continue;
    }
    open.push(half);
    named.push(half);
    openByName.set(half.name, named);
  }
  for (const end of early) lose(end, "beginning");
  for (const half of open) if (!ended.has(half)) lose(half, "end");
}

/** The innermost that has not ended; those of another list that did are passed over. */
function lastOpen(open: EventRow[], ended: ReadonlySet<EventRow>): EventRow | null {
  while (open.length > 0 && ended.has(open.at(-1)!)) open.pop();
  return open.at(-1) ?? null;
}

function isEnd({ phase }: EventRow): boolean {
  return (phase & ~CASE) === END;
}

/** 0 for times that cannot be read: they are lost in any order. */
function byTime(a: EventRow, b: EventRow): number {
  return a.us - b.us || a.ns - b.ns || 0;
}

function byTimeAndEnd(a: EventRow, b: EventRow): number {
  return byTime(a, b) || Number(isEnd(b)) - Number(isEnd(a));
}

/** Asynchronous pairs of one lane may interleave: they find each other by name. */
function threadOf({ pid, tid, phase, name }: EventRow): string {
  const isAsync = phase >= LOWER_CASE;
  return isAsync ? `${pid} ${tid} ${name}` : `${pid} ${tid}`;
}
