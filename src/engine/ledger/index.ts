import { compareText } from "../../base/compare-text.ts";
import {
  IDLE_PARTS,
  type IdlePart,
  type LedgerPart,
  type LedgerReason,
  type LedgerRow,
} from "../../model/contracts/ledger.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt, text } from "../../model/trace/trace.ts";
import { type Nanoseconds, percent, type Row, toUs } from "../../model/trace/units.ts";
import { kernelId } from "../tables/kernel-id.ts";
import type { IdlePiece } from "../timeline/gap-parts.ts";
import { bookBusy, type KernelKnowledge } from "./busy-rows.ts";
import { hostActivities } from "./host-activity.ts";
import { hostCalls } from "./host-calls.ts";
import type { WallShares } from "./wall-shares.ts";

/**
 * Where every nanosecond of a stage's wall time went: busy time by what it is spent on, idle time
 * by what the host did. Rows are disjoint, so they add up to the stage's total exactly.
 */
export function ledgerRows(
  graph: KernelGraph,
  stage: StageGraph,
  shares: WallShares,
  idle: readonly IdlePiece[],
  knowledge: KernelKnowledge,
): readonly LedgerRow[] {
  const accounts = new Accounts(graph);
  bookBusy(graph, stage, shares, knowledge, (part, reason, what, row, ns) =>
    accounts.add(part, reason, what, row, ns),
  );
  const whats = idleWhats(graph, idle);
  for (const [at, { part, start, end, next }] of idle.entries())
    accounts.add(part, null, whats[at]!, next, end - start);
  return accounts.rows();
}

/** Per idle piece the host call or activity behind it, null where its part has none. */
function idleWhats(graph: KernelGraph, idle: readonly IdlePiece[]): readonly (string | null)[] {
  const { trace, launchOf } = graph;
  const { launches } = trace;
  const stretches = idle.flatMap(({ part, start, end, next, call }, at) => {
    if (part === "sync") {
      const from = launches.start[call]!;
      const until = from + launches.duration[call]!;
      return [{ at, thread: launches.thread[call]!, start: from, end: until }];
    }
    return part === "host-pause"
      ? [{ at, thread: launches.thread[launchOf[next]!]!, start, end }]
      : [];
  });
  const whats: (string | null)[] = idle.map(() => null);
  const calls = hostCalls(trace, stretches);
  for (const [index, { op, frame }] of hostActivities(trace, stretches).entries()) {
    const { at } = stretches[index]!;
    const { part, call } = idle[at]!;
    const name = part === "sync" ? text(trace, launches.name[call]!) : (calls[index]?.name ?? null);
    const parts = [name, op, frame].filter((each) => each !== null);
    whats[at] = parts.length === 0 ? null : parts.join(" in ");
  }
  return whats;
}

/** One row in the making. */
interface Account {
  readonly part: LedgerPart;
  readonly reason: LedgerReason | null;
  readonly what: string | null;
  ns: Nanoseconds;
  count: number;
  longest: Nanoseconds;
  longestRow: Row;
  readonly kernels: Map<string, Nanoseconds>;
}

class Accounts {
  readonly #graph: KernelGraph;
  readonly #accounts = new Map<string, Account>();

  constructor(graph: KernelGraph) {
    this.#graph = graph;
  }

  add(
    part: LedgerPart,
    reason: LedgerReason | null,
    what: string | null,
    row: Row,
    ns: Nanoseconds,
  ): void {
    if (ns <= 0) return;
    const key = `${part}\n${reason}\n${what}`;
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = {
        part,
        reason,
        what,
        ns: 0,
        count: 0,
        longest: 0,
        longestRow: row,
        kernels: new Map(),
      };
      this.#accounts.set(key, account);
    }
    account.ns += ns;
    account.count++;
    if (ns > account.longest) {
      account.longest = ns;
      account.longestRow = row;
    }
    const { demangled } = kernelNameAt(this.#graph.trace, row);
    account.kernels.set(demangled, (account.kernels.get(demangled) ?? 0) + ns);
  }

  /** Parts in their order, within a part most time first. */
  rows(): readonly LedgerRow[] {
    const accounts = [...this.#accounts.values()];
    const holes = sumNs(accounts.filter(({ part }) => part === "hole"));
    const total = sumNs(accounts);
    return accounts
      .sort(
        (a, b) =>
          ORDER.indexOf(a.part) - ORDER.indexOf(b.part) ||
          b.ns - a.ns ||
          compareText(`${a.reason} ${a.what}`, `${b.reason} ${b.what}`),
      )
      .map((account) => {
        const kernels = [...account.kernels].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]));
        return {
          part: account.part,
          reason: account.reason,
          what: account.what,
          us: toUs(account.ns),
          pct: percent(account.ns, account.part === "hole" ? total : total - holes),
          of: kernels.map(([name]) => kernelId(name)),
          usOf: kernels.map(([, ns]) => toUs(ns)),
          pieces: account.count,
          longestUs: toUs(account.longest),
          note: this.#note(account),
        };
      });
  }

  #note({ part, reason, ns, count, longest, longestRow }: Account): string | null {
    const before = kernelNameAt(this.#graph.trace, longestRow).short;
    const ms = (time: Nanoseconds): string => `${(time / 1e6).toFixed(3)} ms`;
    if (reason === "outlier") return `${count} of its launches, ${OUTLIER_NOTE}`;
    const say = IDLE_NOTE[part as IdlePart];
    if (say === undefined) return null;
    const gaps = count === 1 ? "1 gap" : `${count} gaps, the longest ${ms(longest)}`;
    return `${gaps} before ${before}: ${say}${part === "sync" ? `, ${ms(ns / count)} each` : ""}`;
  }
}

function sumNs(accounts: readonly Account[]): Nanoseconds {
  return accounts.reduce((sum, { ns }) => sum + ns, 0);
}

const ORDER: readonly LedgerPart[] = ["compute", "communication", "copies", ...IDLE_PARTS];

const OUTLIER_NOTE = "ten times the kernel's median or more";

/** Why the GPU had nothing to do, for the reader of the row. */
const IDLE_NOTE: Readonly<Partial<Record<LedgerPart, string>>> = {
  host: "the host had not made the launch yet",
  "host-pause": "the host did something else",
  sync: "the host waited in this call when the GPU ran dry, and launched late after it",
  "before-graph": "the host had not begun the graph launch yet",
  "graph-launch": "the graph launch call was running",
  "in-graph":
    "between nodes of a replayed graph; tracing its nodes one by one makes such gaps on HIP",
  queued: "launched already: launch latency, and waits between streams",
  "no-launch": "its launch is not recorded",
  hole: "launched already for a millisecond or more: cut out of the recording, or unrecorded work held the GPU",
};
