import { describe, expect, test } from "vitest";
import { checkTrace } from "../../../src/engine/health/check-trace.ts";
import type { Trace } from "../../../src/model/trace/trace.ts";
import { readDocument } from "../../ingest/reading.ts";

interface Event {
  readonly cat: string;
  readonly name: string;
  pid: number;
  tid: number;
  ts: number;
  dur: number;
  readonly args: Record<string, number>;
}

const STEPS = 8;
const NAMES = ["gemm", "norm", "act", "gemm2", "attention"];
const EPOCH = 1.7e15;

/** Some steps of five kernels, each with its op, its launch and its record: all of it sound. */
function recording({ pid = 1, gpu = 0 } = {}): Event[] {
  return Array.from({ length: STEPS * NAMES.length }, (_, i) => {
    const ts = EPOCH + i * 20;
    const id = i + 1;
    const args = { "External id": id, correlation: id };
    return [
      { cat: "cpu_op", name: `aten::${NAMES[i % 5]}`, pid, tid: 1, ts, dur: 8, args },
      { cat: "cuda_runtime", name: "cudaLaunchKernel", pid, tid: 1, ts: ts + 1, dur: 2, args },
      {
        cat: "kernel",
        name: NAMES[i % 5]!,
        pid: gpu,
        tid: 7,
        ts: ts + 10,
        dur: 15,
        args: { ...args, device: 0, stream: 7 },
      },
    ];
  }).flat();
}

const isKernel = ({ cat }: Event): boolean => cat === "kernel";
const isLaunch = ({ cat }: Event): boolean => cat === "cuda_runtime";
const SOUND_US = STEPS * NAMES.length * 15;

function checked(events: readonly Event[]): Trace {
  const traceEvents = events.map((event) => ({ ph: "X", ...event }));
  return checkTrace(readDocument(JSON.stringify({ traceEvents })).trace);
}

function changed(
  which: (event: Event, n: number) => boolean,
  change: (event: Event) => void,
): Event[] {
  const events = recording();
  const counts = new Map<string, number>();
  for (const event of events) {
    const n = counts.get(event.cat) ?? 0;
    counts.set(event.cat, n + 1);
    if (which(event, n)) change(event);
  }
  return events;
}

function kinds({ health }: Trace): readonly (readonly [string, number])[] {
  return health!.findings.map(({ kind, count }) => [kind, count]);
}

function gpuUs({ gpu }: Trace): number {
  return gpu.duration.reduce((sum, ns) => sum + ns, 0) / 1000;
}

function totalUs({ gpu }: Trace): number {
  const ends = [...gpu.start].map((start, row) => start + gpu.duration[row]!);
  return (Math.max(...ends) - Math.min(...gpu.start)) / 1000;
}

test("a sound recording is left as it is", () => {
  const trace = checked(recording());
  expect(kinds(trace)).toEqual([]);
  expect([gpuUs(trace), trace.health!.trusted]).toEqual([SOUND_US, true]);
});

describe("impossible durations are clipped", () => {
  test.each([[100], [20_000], [3.4e6], [4.29e9]])("%d us too long", (more) => {
    const trace = checked(
      changed(
        (e, n) => isKernel(e) && n === 12,
        (e) => (e.dur += more),
      ),
    );
    expect(kinds(trace)).toEqual([["impossible-duration", 1]]);
    expect(gpuUs(trace)).toBe(SOUND_US);
  });

  test("the last one on the stream too", () => {
    const last = STEPS * NAMES.length - 1;
    const trace = checked(
      changed(
        (e, n) => isKernel(e) && n === last,
        (e) => (e.dur = 3.4e6),
      ),
    );
    expect(kinds(trace)).toEqual([["impossible-duration", 1]]);
    expect(totalUs(trace)).toBeLessThan(1000);
  });

  test("kernels that always reach into the next one are not", () => {
    const trace = checked(
      changed(
        (e, n) => isKernel(e) && n % 5 === 1,
        (e) => (e.dur = 30),
      ),
    );
    expect(kinds(trace)).toEqual([]);
  });
});

describe("stray times", () => {
  test.each([[-1e8], [-5e4], [3.6e9], [-1e12]])("%d us off: put behind the launch", (off) => {
    const trace = checked(
      changed(
        (e, n) => isKernel(e) && n < 2,
        (e) => (e.ts += off),
      ),
    );
    expect(kinds(trace)).toEqual([["stray-time", 2]]);
    expect(gpuUs(trace)).toBe(SOUND_US);
    expect(totalUs(trace)).toBeLessThan(1000);
  });

  test("time zero without duration is left out, and told", () => {
    const trace = checked(
      changed(
        (e, n) => isKernel(e) && n % 2 === 1,
        (e) => Object.assign(e, { ts: 0, dur: 0 }),
      ),
    );
    expect(kinds(trace)[0]).toEqual(["no-time", 20]);
    expect([gpuUs(trace), totalUs(trace) < 1000]).toEqual([SOUND_US / 2, true]);
  });
});

test("kernels that last nothing are told", () => {
  const trace = checked(
    changed(
      (event, n) => isKernel(event) && n % 4 === 1,
      (event) => {
        event.dur = 0;
      },
    ),
  );
  expect(kinds(trace)).toEqual([["no-time", 10]]);
  expect(trace.health!.findings[0]!.where).toMatch(/^duration 0: .* 8 more$/);
});

test("host events hours off are left out, and set no beginning", () => {
  const stray = { cat: "cpu_op", name: "aten::late", pid: 1, tid: 1, dur: 5, args: {} };
  const trace = checked([
    { ...stray, ts: EPOCH - 7.2e9 },
    ...recording(),
    { ...stray, cat: "user_annotation", name: "step[DECODE bs=1]", ts: EPOCH + 3.6e9 },
  ]);
  expect(kinds(trace)).toEqual([["stray-host", 2]]);
  expect([trace.gpu.start[0], trace.baseUs, trace.health!.trusted]).toEqual([10_000, EPOCH, true]);
});

test("a launch hours off moves no kernel", () => {
  const trace = checked(
    changed(
      (e, n) => isLaunch(e) && n === 4,
      (e) => (e.ts -= 7.2e9),
    ),
  );
  expect(kinds(trace)).toContainEqual(["stray-host", 1]);
  expect(kinds(trace)).not.toContainEqual(["stray-time", 1]);
  expect(totalUs(trace)).toBeLessThan(1000);
});

describe("one stream runs one kernel after the other", () => {
  test("whatever its kernels usually do: durations beyond the time that passed are clipped", () => {
    const trace = checked(changed(isKernel, (e) => (e.dur = 55)));
    expect(kinds(trace)).toEqual([["impossible-duration", 39]]);
    expect(gpuUs(trace)).toBeLessThanOrEqual(totalUs(trace));
  });

  test("kernels that start at one moment are one after the other, too", () => {
    const trace = checked(changed(isKernel, (e) => (e.ts -= (e.args.correlation! % 4) * 20)));
    expect(gpuUs(trace)).toBeLessThanOrEqual(1.1 * totalUs(trace));
  });

  /** One of 40 is of a name that no other has, so that nothing tells how long it usually takes. */
  const withOne = (dur: number, usual: number): Trace =>
    checked(
      changed(isKernel, (event) => {
        const isOne = event.args.correlation === 7;
        Object.assign(event, { dur: isOne ? dur : usual }, isOne ? { name: "seldom" } : {});
      }),
    );

  test("a kernel that lasts 15 us into the next is told where its stream has no time for both", () => {
    const trace = withOne(35, 20);
    expect(kinds(trace)).toEqual([["side-by-side", 1]]);
    expect(gpuUs(trace)).toBe(40 * 20 + 15);
  });

  test("a dependent launch explains 4 us, and idle time beside it leaves open which is wrong", () => {
    expect(kinds(withOne(24, 20))).toEqual([]);
    expect(kinds(withOne(35, 10))).toEqual([]);
  });

  test("branches of one graph launch are left as they are, and told", () => {
    const events = changed(isKernel, (e) =>
      Object.assign(e, { dur: 55, ts: EPOCH + 900 + e.args.correlation! * 20 }),
    );
    for (const event of events) if (!isLaunch(event)) event.args.correlation = 1;
    const trace = checked(events.filter((e, i) => !isLaunch(e) || i < 3));
    expect(kinds(trace)).toEqual([["side-by-side", 39]]);
    expect([gpuUs(trace), trace.health!.trusted]).toEqual([40 * 55, true]);
  });
});

describe("launches and records", () => {
  test("launches without records hide what the host did", () => {
    const trace = checked(recording().filter((e, i) => !isKernel(e) || i < 60));
    expect(kinds(trace)).toEqual([["launches-without-records", 20]]);
    expect(trace.health!.unrecorded).toHaveLength(20);
  });

  test("records without launches", () => {
    const trace = checked(recording().filter((e, i) => !isLaunch(e) || i < 60));
    expect(kinds(trace)).toEqual([["records-without-launches", 20]]);
  });

  test("kernels and launches that share no id are told, not joined", () => {
    const zero = changed(
      () => true,
      (event) => {
        event.args["correlation"] = 0;
      },
    );
    const trace = checked(zero);
    expect(kinds(trace)).toEqual([["records-without-launches", STEPS * NAMES.length]]);
    expect(trace.health!.findings[0]!.where).toMatch(/no kernel and no call share a correlation/);
  });

  test("kernels launched before the window opened are usual", () => {
    const trace = checked(recording().filter((e, i) => !isLaunch(e) || i >= 60));
    expect(kinds(trace)).toEqual([]);
  });
});

describe("ids that repeat", () => {
  test("identical events count once", () => {
    const events = recording();
    const trace = checked([...events, ...events.filter(isKernel).slice(0, 7)]);
    expect(kinds(trace)).toEqual([["repeated-events", 7]]);
    expect(gpuUs(trace)).toBe(SOUND_US);
  });

  test("a second recording with the same ids: each kernel has the launch before it", () => {
    const later = recording().map((event) => ({ ...event, ts: event.ts + 60_000 }));
    const trace = checked([...recording(), ...later]);
    expect(kinds(trace)).toEqual([["repeated-ids", 40]]);
    expect(gpuUs(trace)).toBe(2 * SOUND_US);
  });

  test("two ranks with numeric pids are two streams, each with its own process", () => {
    const trace = checked([...recording({ pid: 500 }), ...recording({ pid: 1500, gpu: 1000 })]);
    expect(kinds(trace)).toEqual([["merged-ranks", 2]]);
    expect(trace.streams).toEqual([
      { device: 0, stream: "7", owner: "0", process: "500" },
      { device: 0, stream: "7", owner: "1000", process: "1500" },
    ]);
    expect(trace.health!.trusted).toBe(false);
  });
});

describe("clocks that disagree", () => {
  test.each([[-4], [30], [2500]])("runtime calls %d us off are moved back", (off) => {
    const trace = checked(changed(isLaunch, (e) => (e.ts += off)));
    expect(kinds(trace).map(([kind]) => kind)).toContain("host-clocks-disagree");
    const { launches, ops } = trace;
    for (let row = 0; row < launches.count; row++) {
      const inside = launches.start[row]! - ops.start[row]!;
      expect(inside).toBeGreaterThanOrEqual(0);
      expect(inside).toBeLessThanOrEqual(8000);
    }
  });

  test("runtime calls that wander are moved into their ops one by one", () => {
    let n = 0;
    const wandering = changed(isLaunch, (e) => (e.ts += ((n++ * 7) % 5) * 6 - 12));
    const trace = checked(wandering);
    expect(kinds(trace).map(([kind]) => kind)).toEqual(["host-clocks-disagree"]);
    const { launches, ops } = trace;
    for (let row = 0; row < launches.count; row++) {
      const op = ops.externalId.indexOf(launches.externalId[row]!);
      const inside = launches.start[row]! - ops.start[op]!;
      expect(inside).toBeGreaterThanOrEqual(0);
      expect(inside).toBeLessThanOrEqual(ops.duration[op]!);
    }
  });

  test("a few kernels a little early are drift, a quarter of them or more is not", () => {
    const early = (share: number) =>
      checked(
        changed(
          (e, n) => !isKernel(e) && n % share === 0,
          (e) => (e.ts += 60),
        ),
      );
    expect(kinds(early(8))).toEqual([]);
    expect(kinds(early(2))).toEqual([["gpu-before-launch", 20]]);
  });

  test("External ids that only repeat the correlation move nothing", () => {
    const events = recording();
    for (const event of events)
      if (event.cat === "cpu_op") event.args["External id"] = 41 - event.args["External id"]!;
    expect(kinds(checked(events))).toEqual([]);
  });

  test("the GPU before its launches: nothing is said about the host", () => {
    const trace = checked(changed(isKernel, (e) => (e.ts -= 400)));
    expect(kinds(trace)).toEqual([["gpu-before-launch", 40]]);
    expect([trace.health!.hostUnknown, gpuUs(trace)]).toEqual([true, SOUND_US]);
  });
});

test("several at once", () => {
  const events = changed(
    (e, n) => isKernel(e) && n === 3,
    (e) => (e.dur = 1e6),
  );
  const kernels = events.filter(isKernel);
  kernels[20]!.ts -= 1e9;
  const trace = checked([...events, kernels[30]!]);
  expect(kinds(trace)).toEqual([
    ["impossible-duration", 1],
    ["stray-time", 1],
    ["repeated-events", 1],
  ]);
  expect(gpuUs(trace)).toBe(SOUND_US);
});
