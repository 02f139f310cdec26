import type { KernelGraph } from "../../../model/trace/kernel-graph.ts";
import { type Trace, text } from "../../../model/trace/trace.ts";
import type { Row } from "../../../model/trace/units.ts";
import { CommunicationSpans } from "./communication-spans.ts";

/** What is recorded of one launch of a communication kernel. */
export interface ToldCollective {
  /** In the spelling of what told it; null where nothing does. */
  readonly collective: string | null;
  /** Ranks of the process group as a text that is equal on all of them; null where not told. */
  readonly group: string | null;
  readonly sequence: string | null;
  /** What an all-reduce must have equal on all ranks. */
  readonly size: string;
  /** Set for point-to-point transfers; the peer is null where not told. */
  readonly transfer: { readonly isSend: boolean; readonly peer: number | null } | null;
  /** The kernel moves data between peers, for which collective nobody says. */
  readonly isUnclear: boolean;
}

/** NCCL runs all-to-alls, gathers and scatters as groups of sends and receives. */
const SEND_RECV = /SendRecv/i;
const SEND_OR_RECV = /(?:^|[:_ ])(i?send|i?recv)(?:_?$|[_ ]|any)/i;
/** Several transfers in one launch (batch_isend_irecv). */
const COALESCED = /coalesced$/i;

type Arguments = Readonly<Record<string, unknown>>;

/**
 * Reads what a communication kernel is: from the arguments it carries (NCCL's do), else from the
 * annotation or op around its launch, else from its name alone.
 */
export function collectiveReader(graph: KernelGraph): (row: Row) => ToldCollective {
  const { trace } = graph;
  const own = trace.metadata.distributed?.rank ?? trace.origin.rank;
  const parsed = new Map<number, ToldCollective>();
  let spans: CommunicationSpans | null = null;
  return (row) => {
    const id = trace.gpu.collective[row]!;
    if (id > 0) {
      let told = parsed.get(id);
      if (told === undefined) {
        told = fromArguments(JSON.parse(text(trace, id)) as Arguments, trace, own);
        parsed.set(id, told);
      }
      return told;
    }
    spans ??= new CommunicationSpans(graph);
    const around = spans.around(row);
    const isPairs = SEND_RECV.test(trace.kernelNames[trace.gpu.name[row]!]!.raw);
    if (around === null) return { ...NOTHING, isUnclear: isPairs };
    if (around.args !== null)
      return fromArguments(JSON.parse(around.args) as Arguments, trace, own);
    return fromWords(around.name, isPairs);
  };
}

const NOTHING: ToldCollective = {
  collective: null,
  group: null,
  sequence: null,
  size: "",
  transfer: null,
  isUnclear: false,
};

function fromArguments(args: Arguments, trace: Trace, own: number | null): ToldCollective {
  const collective = args["Collective name"] === undefined ? null : String(args["Collective name"]);
  const word = collective === null ? null : SEND_OR_RECV.exec(collective)?.[1];
  const isAllReduce = /all_?reduce/i.test(collective ?? "");
  const group = groupOf(args, trace, own);
  const isSend = /send/i.test(word ?? "");
  const peer = Number(args[isSend ? "Dst Rank" : "Src Rank"] ?? Number.NaN);
  const isTransfer = typeof word === "string" || COALESCED.test(collective ?? "");
  return {
    collective,
    group,
    sequence: args.Seq === undefined ? null : String(args.Seq),
    size: isAllReduce ? `${args.dtype} ${args["In msg nelems"]}` : "",
    transfer: isTransfer
      ? { isSend, peer: word === undefined || !Number.isInteger(peer) ? null : peer }
      : null,
    isUnclear: false,
  };
}

/** "nccl:all_to_all", "nccl:send 0->1", "nccl:recv 1<-0", "c10d::alltoall_base_". */
function fromWords(words: string, isPairs: boolean): ToldCollective {
  const name = words.replace(/^(?:nccl|rccl|c10d|gloo)::?/, "");
  const found = SEND_OR_RECV.exec(` ${name}`);
  if (found !== null || (COALESCED.test(name) && isPairs)) {
    const peer = /(?:->|<-)\s*(\d+)/.exec(name)?.[1];
    return {
      ...NOTHING,
      collective: name,
      transfer: {
        isSend: /send/i.test(found?.[1] ?? ""),
        peer: peer === undefined ? null : Number(peer),
      },
    };
  }
  return { ...NOTHING, collective: name };
}

/** Members tell a group on every rank; names and descriptions are looked up in the process's own list. */
function groupOf(args: Arguments, trace: Trace, own: number | null): string | null {
  const members = args["Process Group Ranks"];
  if (members !== undefined && String(members) !== "" && String(members) !== "[]")
    return membersText(String(members));
  const groups = trace.metadata.distributed?.groups ?? [];
  for (const [key, of] of [
    ["Process Group Name", "name"],
    ["Process Group Description", "desc"],
  ] as const) {
    const told = args[key];
    if (told === undefined || told === "") continue;
    const mine = groups.filter(
      (group) => group[of] === String(told) && (own === null || group.ranks.includes(own)),
    );
    if (mine.length === 1 && mine[0]!.ranks.length > 0)
      return membersText(mine[0]!.ranks.join(","));
  }
  const described = args["Process Group Description"] ?? args["Process Group Name"];
  return described === undefined || described === "" ? null : String(described);
}

/** One spelling for "[0, 1]", "0,1" and [0,1]. */
export function membersText(members: string): string {
  return `[${members
    .replace(/[[\]\s]/g, "")
    .split(",")
    .join(", ")}]`;
}
