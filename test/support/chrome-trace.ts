/** One event as a viewer of Chrome traces reads it, times in exact nanoseconds. */
export interface ChromeEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  readonly start: bigint;
  readonly duration: bigint;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface ChromeTrace {
  readonly events: readonly ChromeEvent[];
  /** What breaks the format's rules, in words. */
  readonly faults: readonly string[];
  /** Slices of every thread of this name, over all its lanes. */
  slicesOf(thread: string): readonly ChromeEvent[];
}

/**
 * Reads a Chrome trace and checks it as strictly as its pickiest viewer: every event has a name, a
 * phase, whole ids; every slice a start and a length; every thread with slices has a name, and its
 * slices lie inside each other or apart.
 */
export function readChromeTrace(text: string): ChromeTrace {
  const faults: string[] = [];
  const { traceEvents } = JSON.parse(exactTimes(text)) as { traceEvents: Raw[] };
  const events = traceEvents.map((raw) => eventOf(raw, faults));
  const nameOf = new Map<string, string>();
  for (const { name, pid, tid, args } of events)
    if (name === "thread_name") nameOf.set(`${pid} ${tid}`, String(args.name));
  const byThread = new Map<string, ChromeEvent[]>();
  for (const event of events) {
    if (event.ph !== "X") continue;
    const key = `${event.pid} ${event.tid}`;
    if (!nameOf.has(key)) faults.push(`thread ${key} has no name`);
    const list = byThread.get(key) ?? [];
    list.push(event);
    byThread.set(key, list);
  }
  for (const [key, slices] of byThread)
    faults.push(...nestingFaults(key, slices), ...nestingFaults(key, slices.map(asViewed)));
  const slicesOf = (thread: string): ChromeEvent[] =>
    [...byThread].flatMap(([key, slices]) => {
      const name = nameOf.get(key) ?? "";
      return name === thread || name.startsWith(`${thread} (overlapping`) ? slices : [];
    });
  return { events, faults, slicesOf };
}

type Raw = Record<string, unknown> & { readonly args?: Record<string, unknown> };

/** Times as texts: a double would round the thousandths of an epoch away. */
function exactTimes(text: string): string {
  return text.replace(/"(ts|dur)":\s*(-?\d+(?:\.\d+)?)(?=[,}])/g, '"$1":"$2"');
}

function eventOf(raw: Raw, faults: string[]): ChromeEvent {
  const { name, ph, pid, tid, ts, dur, cat, args } = raw;
  const shown = JSON.stringify(raw).slice(0, 200);
  if (typeof name !== "string" || typeof ph !== "string") faults.push(`no name or phase: ${shown}`);
  if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(tid)) faults.push(`ids: ${shown}`);
  const start = nanoseconds(ts);
  const duration = nanoseconds(dur);
  if (ph === "X" && (start === null || duration === null || duration < 0n))
    faults.push(`no time: ${shown}`);
  return {
    name: String(name),
    ph: String(ph),
    pid: Number(pid),
    tid: Number(tid),
    ...(typeof cat === "string" ? { cat } : {}),
    start: start ?? 0n,
    duration: duration ?? 0n,
    args: args ?? {},
  };
}

function nanoseconds(time: unknown): bigint | null {
  const parts = /^(-?\d+)(?:\.(\d{1,3}))?$/.exec(String(time));
  if (parts === null) return null;
  const rest = BigInt((parts[2] ?? "").padEnd(3, "0"));
  return BigInt(parts[1]!) * 1000n + (parts[1]!.startsWith("-") ? -rest : rest);
}

/** As a viewer has it that reads times as doubles and cuts them to whole nanoseconds. */
function asViewed(event: ChromeEvent): ChromeEvent {
  const cut = (time: bigint): bigint => {
    const text = `${time / 1000n}.${String(time % 1000n).padStart(3, "0")}`;
    return BigInt(Math.trunc(Number(text) * 1000));
  };
  return { ...event, start: cut(event.start), duration: cut(event.duration) };
}

function nestingFaults(key: string, slices: readonly ChromeEvent[]): string[] {
  const sorted = [...slices].sort((a, b) =>
    a.start !== b.start ? (a.start < b.start ? -1 : 1) : a.duration > b.duration ? -1 : 1,
  );
  const open: bigint[] = [];
  const faults: string[] = [];
  for (const { name, start, duration } of sorted) {
    while (open.length > 0 && open.at(-1)! <= start) open.pop();
    const around = open.at(-1);
    if (around !== undefined && start + duration > around)
      faults.push(`${name} at ${start} overlaps its neighbour on ${key} in part`);
    open.push(start + duration);
  }
  return faults;
}
