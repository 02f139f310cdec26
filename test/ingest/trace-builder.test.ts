import { describe, expect, test } from "vitest";
import { type Trace, text } from "../../src/model/trace/trace.ts";
import { NO_ID } from "../../src/model/trace/units.ts";
import { documentOf, READERS, readDocument } from "./reading.ts";

const GPU = { ph: "X", pid: 0, tid: 7, ts: 100, dur: 2 };
const HOST = { ph: "X", pid: 10, tid: 11, ts: 50, dur: 5 };
const ON_GPU = { device: 0, stream: 7, correlation: 1 };

function kernel(fields: object = {}, args: object = {}): object {
  return { ...GPU, cat: "kernel", name: "k", args: { ...ON_GPU, ...args }, ...fields };
}

describe.each(READERS)("what the %s reader keeps", (reader) => {
  const read = (events: readonly unknown[], head: object = {}): Trace =>
    readDocument(documentOf(events, head), reader).trace;

  test("kernels, copies and fills with their lanes, ids and sizes", () => {
    const { gpu, streams, kernelNames, strings } = read([
      kernel(
        { name: "void f<int>(int)", ts: 1000.5 },
        { "External id": 5, grid: [2, 3, 4], block: [32, 1, 1], "graph id": 8, "graph node id": 9 },
      ),
      kernel({ cat: "gpu_memcpy", name: "Memcpy DtoD", ts: 1001 }, { bytes: 64, stream: 9 }),
      // No graph launched it: newer profilers write zeros.
      kernel(
        { cat: "gpu_memset", name: "Memset (Device)", ts: 1002 },
        { device: 1, "graph id": 0, "graph node id": 0 },
      ),
    ]);
    expect([...gpu.kind]).toEqual([0, 1, 2]);
    expect([...gpu.name].map((name) => kernelNames[name]?.raw)).toEqual([
      "void f<int>(int)",
      "Memcpy DtoD",
      "Memset (Device)",
    ]);
    expect(kernelNames[gpu.name[0]!]?.demangled).toBe("f<int>");
    expect([...gpu.stream].map((stream) => streams[stream])).toEqual([
      { device: 0, stream: "7" },
      { device: 0, stream: "9" },
      { device: 1, stream: "7" },
    ]);
    expect([...gpu.externalId]).toEqual([5, NO_ID, NO_ID]);
    expect([...gpu.graphId, ...gpu.graphNodeId]).toEqual([8, NO_ID, NO_ID, 9, NO_ID, NO_ID]);
    expect(strings[gpu.dims[0]!]).toBe("2,3,4/32,1,1");
    expect([...gpu.bytes]).toEqual([0, 64, 0]);
    expect([...gpu.duration]).toEqual([2000, 2000, 2000]);
  });

  test("a device that is no small whole number says nothing", () => {
    const devices = [816_057, 2 ** 40, -1, 1.5, "zero"];
    const { gpu, streams } = read([
      ...devices.map((device, i) => kernel({ pid: 3 }, { device, stream: i })),
      kernel({ pid: 4_000_000 }, { device: null, stream: 9 }),
    ]);
    expect([...gpu.stream].map((stream) => streams[stream])).toEqual([
      { device: 816_057, stream: "0" },
      { device: 3, stream: "1" },
      { device: 3, stream: "2" },
      { device: 3, stream: "3" },
      { device: 3, stream: "4" },
      { device: 4_000_000, stream: "9" },
    ]);
  });

  test("launches of every API with what HIP writes beside them", () => {
    const trace = read([
      { ...HOST, cat: "cuda_runtime", name: "cudaLaunchKernel", args: { correlation: 4 } },
      { ...HOST, cat: "cuda_driver", name: "cuLaunchKernelEx", args: { "External id": 2 } },
      {
        ...HOST,
        cat: "hip_runtime",
        name: "hipMemcpyAsync",
        args: { kernel: "_Zk", kind: "HtoD", stream: 3, grid: [1, 1, 1], block: [64, 1, 1] },
      },
    ]);
    const { launches } = trace;
    expect([...launches.api]).toEqual([0, 1, 0]);
    expect([...launches.correlation]).toEqual([4, NO_ID, NO_ID]);
    expect([...launches.externalId]).toEqual([NO_ID, 2, NO_ID]);
    const columns = [launches.kernel, launches.detail, launches.stream, launches.dims];
    expect(columns.map((column) => text(trace, column[2]!))).toEqual([
      "_Zk",
      "HtoD",
      "3",
      "1,1,1/64,1,1",
    ]);
  });

  test("the arguments of a collective on its kernel", () => {
    const { gpu, strings } = read([
      kernel({ name: "f" }),
      kernel(
        { name: "ncclDevKernel_AllReduce", ts: 1001 },
        { "Collective name": "allreduce", "Process Group Name": "1", "In msg nelems": 64 },
      ),
    ]);
    expect([...gpu.collective].map((id) => strings[id])).toEqual([
      "",
      '{"Collective name":"allreduce","Process Group Name":"1","In msg nelems":64}',
    ]);
  });

  test("ops with shapes and the arguments of a collective", () => {
    const trace = read([
      {
        ...HOST,
        cat: "cpu_op",
        name: "record_param_comms",
        args: {
          "External id": 1,
          "Input Dims": [[1, 2], []],
          "Input type": ["c10::BFloat16", ""],
          dtype: "BFloat16",
          "Collective name": "allreduce",
          "Concrete Inputs": ["", "1"],
        },
      },
    ]);
    expect(text(trace, trace.ops.shapes[0]!)).toBe("[[1,2],[]]");
    expect(text(trace, trace.ops.types[0]!)).toBe('["c10::BFloat16",""]');
    expect(text(trace, trace.ops.collective[0]!)).toBe(
      '{"Collective name":"allreduce","dtype":"BFloat16"}',
    );
  });

  test("annotations of host and GPU, explicit waits, thread names", () => {
    const trace = read([
      { ...HOST, cat: "user_annotation", name: "step[DECODE bs=1]", args: { "External id": 9 } },
      { ...GPU, cat: "gpu_user_annotation", name: "step[DECODE bs=1]" },
      {
        ...GPU,
        cat: "cuda_sync",
        name: "Stream Wait Event",
        args: { ...ON_GPU, wait_on_stream: 13 },
      },
      { ...GPU, cat: "cuda_sync", name: "Context Sync", args: ON_GPU },
      { ph: "M", name: "thread_name", pid: 10, tid: 11, ts: 0, args: { name: "scheduler" } },
    ]);
    expect([...trace.annotations.onGpu]).toEqual([0, 1]);
    expect(trace.threads[trace.annotations.lane[0]!]).toEqual({
      pid: "10",
      tid: "11",
      name: "scheduler",
    });
    expect(trace.streams[trace.annotations.lane[1]!]).toEqual({ device: 0, stream: "7" });
    expect(trace.streams[trace.syncs.waitedFor[0]!]).toEqual({ device: 0, stream: "13" });
    expect(trace.syncs.waitedFor[1]).toBe(65_535);
  });

  test("times lose nothing beside a sixteen-digit epoch", () => {
    const epoch = "1661203462598738";
    const event = (ts: string, dur: string): string =>
      `{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":1,"ts":${ts},"dur":${dur}}`;
    const events = [
      event(`${epoch}.123`, "0.001"),
      event(`${epoch}.9994`, "1.9995"),
      event("1661203462598739", "12e-1"),
    ];
    const { trace } = readDocument(`{"traceEvents":[${events}]}`, reader);
    expect(trace.baseUs).toBe(1661203462598738);
    expect([...trace.gpu.start]).toEqual([123, 999, 1000]);
    expect([...trace.gpu.duration]).toEqual([1, 2000, 1200]);
  });

  test("ids beyond 2^53 keep their identity, those that say none do not", () => {
    const ids = [
      "9007199254740993",
      "9007199254740992",
      "9007199254740993",
      "-1",
      "7",
      '"x"',
      "1.5",
    ];
    const events = ids.map(
      (id) => `{"ph":"X","cat":"kernel","name":"k","ts":1,"dur":1,"args":{"correlation":${id}}}`,
    );
    const { trace } = readDocument(`{"traceEvents":[${events}]}`, reader);
    const [a, b, c, ...rest] = trace.gpu.correlation;
    expect(a).toBe(c);
    expect(a).toBeLessThan(NO_ID);
    expect(b).toBeLessThan(NO_ID);
    expect(a).not.toBe(b);
    expect(rest).toEqual([NO_ID, 7, NO_ID, NO_ID]);
  });

  test("old and foreign categories are told by their meaning", () => {
    const trace = read([
      kernel({ cat: "Kernel" }),
      kernel({ cat: "Memcpy" }),
      kernel({ cat: "exported", name: "Memset (Device)" }),
      kernel({ cat: undefined, name: "some_kernel" }),
      { ...HOST, cat: "Runtime", name: "cudaLaunchKernel" },
      { ...HOST, name: "hipGraphLaunch", args: { correlation: 1 } },
      { ...HOST, name: "cuLaunchKernel" },
      { ...HOST, cat: "Operator", name: "aten::mm" },
      { ...HOST, name: "aten::mm", args: { "External id": 4 } },
      { ...HOST, name: "model.py(12): forward" },
      { ...HOST, name: "nn.Module: RMSNorm_3" },
      { ...HOST, cat: "exported", name: "whatever" },
    ]);
    expect([...trace.gpu.kind]).toEqual([0, 1, 2, 0]);
    expect([...trace.launches.api]).toEqual([0, 0, 1]);
    expect([trace.ops.count, trace.frames.count]).toEqual([2, 2]);
    expect(trace.origin.dropped).toEqual({ exported: 1 });
  });

  test("work of a foreign category is a GPU's where CUDA or HIP calls launched it", () => {
    const foreign = (correlation: number) =>
      kernel({ cat: "mtia_ccp_events", name: "fba_kernel" }, { correlation });
    const call = (name: string, correlation: number) => ({
      ...HOST,
      cat: "exported",
      name,
      args: { correlation },
    });
    const ours = read([kernel(), foreign(2), foreign(3), call("cudaLaunchKernel", 3)]);
    expect(ours.gpu.count).toBe(3);
    const theirs = read([foreign(2), kernel(), foreign(3), call("mtiaLaunchKernel", 3)]);
    expect([...theirs.gpu.name].map((name) => theirs.kernelNames[name]!.raw)).toEqual(["k"]);
    expect(theirs.origin.losses).toEqual([
      { category: "mtia_ccp_events", what: "CUDA or HIP launch", count: 2 },
    ]);
  });

  test("no single event says where the trace lies in time", () => {
    const years = 1e14;
    const stray = { ...HOST, cat: "cpu_op", name: "stray", ts: 50 };
    const late = Array.from({ length: 5 }, (_, at) => kernel({ ts: years + 10 * at + 0.25 }));
    const { gpu, ops, baseUs, origin } = read([stray, ...late, { ...stray, ts: years }]);
    expect([baseUs, ops.count]).toEqual([years, 1]);
    expect([...gpu.start]).toEqual([250, 10_250, 20_250, 30_250, 40_250]);
    expect(origin.losses).toEqual([{ category: "cpu_op", what: "time", count: 1 }]);
  });

  test("begins and ends find each other in any order of the file", () => {
    const half = (ph: string, name: string, ts: number) => ({
      ...{ ph, name, ts, pid: 1, tid: 1 },
      ...(ph === "B" ? { cat: "cpu_op" } : {}),
    });
    const halves = [
      ...[half("B", "outer", 10), half("B", "inner", 12), half("E", "inner", 15)],
      ...[half("E", "outer", 20), half("B", "next", 20), half("E", "next", 20)],
      ...[half("B", "inner", 21), half("E", "inner", 23)],
    ];
    const found = (events: readonly object[]) => {
      const { ops, strings, origin } = read(events);
      const rows = Array.from(ops.start, (start, at) => [
        strings[ops.name[at]!]!,
        start,
        ops.duration[at]!,
      ]);
      return { rows: rows.sort(), losses: origin.losses };
    };
    const expected = [
      ["inner", 2000, 3000],
      ["inner", 11_000, 2000],
      ["next", 10_000, 0],
      ["outer", 0, 10_000],
    ];
    for (const order of [halves, halves.toReversed(), [...halves.slice(4), ...halves.slice(0, 4)]])
      expect(found(order)).toEqual({ rows: expected.toSorted(), losses: [] });
  });

  test("pairs of begin and end are one event", () => {
    const begin = { ph: "B", cat: "cpu_op", name: "outer", pid: 1, tid: 1, ts: 10 };
    const trace = read([
      begin,
      { ...begin, name: "inner", ts: 12, args: { "External id": 3 } },
      { ph: "E", pid: 1, tid: 1, ts: 15.5 },
      { ph: "E", pid: 1, tid: 1, ts: 20 },
      { ph: "E", pid: 1, tid: 1, ts: 30 },
      { ...begin, name: "never ends", ts: 40 },
    ]);
    expect([...trace.ops.name].map((name) => text(trace, name))).toEqual(["outer", "inner"]);
    expect([...trace.ops.duration]).toEqual([10_000, 3500]);
    expect([...trace.ops.externalId]).toEqual([NO_ID, 3]);
    expect(trace.origin.unreadable).toBe(2);
  });

  test("rows come in order: GPU by start, ops by thread with parents first", () => {
    const op = (name: string, tid: number, ts: number, dur: number): object => ({
      ...HOST,
      cat: "cpu_op",
      name,
      tid,
      ts,
      dur,
    });
    const trace = read([
      kernel({ name: "late", ts: 9 }),
      kernel({ name: "first of two", ts: 5 }),
      kernel({ name: "second of two", ts: 5 }),
      op("other thread", 2, 7, 1),
      op("child", 1, 5, 1),
      op("parent", 1, 5, 4),
      op("before", 1, 1, 1),
    ]);
    expect([...trace.gpu.name].map((name) => trace.kernelNames[name]?.raw)).toEqual([
      "first of two",
      "second of two",
      "late",
    ]);
    expect([...trace.ops.name].map((name) => text(trace, name))).toEqual([
      "other thread",
      "before",
      "parent",
      "child",
    ]);
    expect(trace.baseUs).toBe(1);
  });

  test("what is not used is counted, what cannot be read too", () => {
    const trace = read([
      { ph: "s", cat: "ac2g", name: "ac2g", id: 1, pid: 0, tid: 7, ts: 1 },
      { ph: "M", name: "process_name", pid: 0, args: { name: "python" } },
      kernel({ ts: undefined }),
      kernel({ dur: -1 }),
      kernel({ dur: "five" }),
      7,
      null,
      [],
      "text",
    ]);
    expect(trace.origin).toMatchObject({
      events: 9,
      dropped: { ac2g: 1, "ph M": 1 },
      unreadable: 7,
      complete: true,
    });
    expect(trace.gpu.count).toBe(0);
  });

  test("numbers in quotes are numbers", () => {
    const plain = kernel({ ts: 12.5, dur: 3.25 }, { device: 1, correlation: 9, "External id": 4 });
    const quoted = kernel(
      { ts: "12.5", dur: "3.25" },
      { device: "1", correlation: "9", "External id": "4" },
    );
    expect(read([quoted]).gpu).toEqual(read([plain]).gpu);
  });

  test("kernels written as asynchronous pairs find each other by name", () => {
    const at = (ph: string, name: string, ts: number) => ({
      ...kernel({ ph, name, ts }),
      dur: undefined,
    });
    const { gpu } = read([at("b", "k", 1), at("b", "l", 2), at("e", "k", 3), at("e", "l", 5)]);
    expect([[...gpu.start], [...gpu.duration]]).toEqual([
      [0, 1000],
      [2000, 3000],
    ]);
  });

  test("ranks merged into one file keep their streams and ids apart", () => {
    const { streams, gpu, launches } = read([
      kernel({ pid: "[TP00] 0", ts: 1 }),
      kernel({ pid: "[TP01] 0", ts: 2 }),
      kernel({ pid: "[TP00] 0", ts: 3 }),
      { ...HOST, pid: "[TP01] 10", cat: "cuda_runtime", name: "c", args: { correlation: 1 } },
    ]);
    expect([...gpu.stream]).toEqual([0, 1, 0]);
    expect(streams).toEqual([
      { device: 0, stream: "7", owner: "[TP00] 0" },
      { device: 0, stream: "7", owner: "[TP01] 0" },
    ]);
    const [first, second, third] = gpu.correlation;
    expect([third, launches.correlation[0]]).toEqual([first, second]);
    expect(first).not.toBe(second);
  });

  test("metadata: devices, job, vendor, settings, and numbers wider than a double", () => {
    const { metadata, origin } = readDocument(
      `{"deviceProperties": [{"id": 9, "name": "", "computeMajor": 9, "computeMinor": 4, "numSms": 304, "warpSize": 64}],
        "distributedInfo": {"backend": "nccl", "rank": 3, "world_size": 8,
          "pg_config": [{"pg_name": "0", "pg_desc": "default_pg", "pg_size": 2, "ranks": [0, 1]}]},
        "with_stack": 1, "record_shapes": 0, "hip_runtime_version": 7,
        "baseTimeNanoseconds": 1767189312000000001,
        "traceEvents": []}`,
      reader,
    ).trace;
    expect(metadata).toEqual({
      devices: [
        {
          id: 9,
          name: "",
          computeCapability: "9.4",
          multiprocessors: 304,
          memoryBytes: null,
        },
      ],
      distributed: {
        backend: "nccl",
        rank: 3,
        worldSize: 8,
        groups: [{ name: "0", desc: "default_pg", size: 2, ranks: [0, 1] }],
      },
      vendor: "amd",
      vendorFrom: "hip versions in the file",
      settings: { record_shapes: false, with_stack: true },
      other: { baseTimeNanoseconds: "1767189312000000001", hip_runtime_version: 7 },
    });
    expect([origin.rank, origin.rankFrom]).toEqual([3, "distributedInfo"]);
  });

  test("the vendor of a trace without metadata is told by its calls", () => {
    const call = (name: string): object => ({ ...HOST, cat: "cuda_runtime", name });
    expect(read([call("hipLaunchKernel")]).metadata.vendorFrom).toBe("hip runtime calls");
    expect(read([call("cudaLaunchKernel")]).metadata.vendor).toBe("nvidia");
    expect(read([]).metadata.vendor).toBe("unknown");
  });
});
