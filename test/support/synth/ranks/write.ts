import type { SimRank, SimSpan, Work } from "./simulate.ts";

export interface RankFileOptions {
  readonly world: number;
  /** How a communication kernel tells what it is. */
  readonly told: "arguments" | "annotation" | "op" | "nothing";
  /** Process groups as `pg_config` lists them; null leaves distributedInfo without. */
  readonly groups: readonly { readonly desc: string; readonly ranks: readonly number[] }[] | null;
  readonly distributedInfo: boolean;
  /** Clock of this rank's host less the true one, µs. */
  readonly skewUs: number;
  readonly label: (step: number) => string;
  readonly gpu: string;
  /** First and last step that the file holds. */
  readonly window: readonly [from: number, to: number];
}

const DEFAULTS: Omit<RankFileOptions, "world"> = {
  told: "arguments",
  groups: null,
  distributedInfo: true,
  skewUs: 0,
  label: () => "step[DECODE bs=16]",
  gpu: "NVIDIA H100 80GB HBM3",
  window: [0, Number.POSITIVE_INFINITY],
};

type Event = Readonly<Record<string, unknown>>;

/** A rank's trace as torch.profiler would have written it. */
export function rankText(
  rank: SimRank,
  given: Partial<RankFileOptions> & { readonly world: number },
): string {
  const options: RankFileOptions = { ...DEFAULTS, ...given };
  const { groups, world, gpu, window } = options;
  const events: Event[] = [];
  let id = 0;
  for (const span of rank.spans) {
    if (span.step < window[0] || span.step > window[1]) continue;
    events.push(...spanEvents(rank, span, ++id, options));
  }
  for (const [step, { start, end }] of rank.steps.entries()) {
    if (step < window[0] || step > window[1]) continue;
    events.push(host(rank, options.label(step), "user_annotation", start - 7, end - start));
  }
  const shifted = events.map((event) => ({
    ...event,
    ts: (event.ts as number) + 10_000 + options.skewUs,
  }));
  const distributedInfo = {
    backend: "nccl",
    rank: rank.rank,
    world_size: world,
    ...(groups === null
      ? {}
      : {
          pg_count: groups.length,
          pg_config: groups.map(({ desc, ranks }, name) => ({
            pg_name: String(name),
            pg_desc: desc,
            pg_size: ranks.length,
            ranks,
          })),
        }),
  };
  return JSON.stringify({
    schemaVersion: 1,
    deviceProperties: [{ id: 0, name: gpu, computeMajor: 9, computeMinor: 0 }],
    ...(options.distributedInfo ? { distributedInfo } : {}),
    traceEvents: shifted,
    baseTimeNanoseconds: 1774483200000000000,
  });
}

function spanEvents(
  rank: SimRank,
  { work, start, end }: SimSpan,
  id: number,
  options: RankFileOptions,
): readonly Event[] {
  if (work.do === "late-host")
    return [host(rank, work.call!, "cuda_runtime", start - 4, end - start - 2)];
  const isCopy = work.do === "side-copy";
  const gpu: Event = {
    ph: "X",
    cat: isCopy ? "gpu_memcpy" : "kernel",
    name: nameOf(work),
    pid: 0,
    tid: isCopy ? 21 : 7,
    ts: start,
    dur: end - start,
    args: {
      device: 0,
      stream: isCopy ? 21 : 7,
      correlation: id,
      ...argumentsOf(rank, work, options),
    },
  };
  const launch = host(
    rank,
    isCopy ? "cudaMemcpyAsync" : "cudaLaunchKernel",
    "cuda_runtime",
    start - 5,
    0.4,
    {
      correlation: id,
    },
  );
  const aside =
    work.do === "side-copy" && work.outsideSteps === true ? { ...launch, tid: 999 } : launch;
  const around = wordsOf(rank, work, options).map(([name, cat]) =>
    host(rank, name, cat, start - 5.2, 0.8),
  );
  if (work.do === "kernel" && work.op !== undefined)
    around.push(host(rank, work.op, "cpu_op", start - 5.2, 0.8));
  return [
    gpu,
    ...(work.do === "side-copy" && work.outsideSteps === true ? [] : [aside]),
    ...around,
  ];
}

function host(rank: SimRank, name: string, cat: string, ts: number, dur: number, args = {}): Event {
  const pid = 1000 + rank.rank;
  return { ph: "X", cat, name, pid, tid: pid, ts, dur, args };
}

function nameOf(work: Work): string {
  if (work.do === "kernel") return work.name;
  if (work.do === "collective") return work.kernel;
  if (work.do === "send" || work.do === "recv")
    return work.kernel ?? "ncclDevKernel_SendRecv(ncclDevKernelArgsStorage<4096ul>)";
  return "Memcpy HtoD (Pinned -> Device)";
}

function argumentsOf(rank: SimRank, work: Work, { told }: RankFileOptions): Event {
  if (told !== "arguments") return {};
  if (work.do === "collective" && work.kernel.startsWith("nccl"))
    return {
      "Collective name": work.collective,
      "In msg nelems": 65536,
      "Out msg nelems": 65536,
      "Group size": work.group.length,
      dtype: "BFloat16",
      "Process Group Name": "3",
      "Process Group Description": work.desc ?? "tp",
      "Process Group Ranks": JSON.stringify(work.group).replaceAll(",", ", "),
    };
  if ((work.do === "send" || work.do === "recv") && work.isCoalesced !== true)
    return {
      "Collective name": work.do,
      "Src Rank": work.do === "send" ? rank.rank : work.peer,
      "Dst Rank": work.do === "send" ? work.peer : rank.rank,
      "Process Group Description": "pp",
    };
  return {};
}

const WORDS: Readonly<Record<string, readonly [annotation: string, op: string]>> = {
  allreduce: ["nccl:all_reduce", "c10d::allreduce_"],
  all_to_allv: ["nccl:all_to_all", "c10d::alltoall_base_"],
  _allgather_base: ["nccl:_all_gather_base", "c10d::_allgather_base_"],
};

function wordsOf(
  rank: SimRank,
  work: Work,
  { told }: RankFileOptions,
): readonly (readonly [name: string, cat: string])[] {
  if ((work.do === "send" || work.do === "recv") && work.isCoalesced === true)
    return [["nccl:coalesced", "user_annotation"]];
  if (told !== "annotation" && told !== "op") return [];
  const isNote = told === "annotation";
  const cat = isNote ? "user_annotation" : "cpu_op";
  if (work.do === "send")
    return [[isNote ? `nccl:send ${rank.rank}->${work.peer}` : "c10d::send", cat]];
  if (work.do === "recv")
    return [[isNote ? `nccl:recv ${rank.rank}<-${work.peer}` : "c10d::recv_", cat]];
  const words = work.do === "collective" ? WORDS[work.collective] : undefined;
  return words === undefined ? [] : [[words[isNote ? 0 : 1], cat]];
}
