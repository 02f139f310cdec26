import { type KernelGraph, symbolAt, VIA, VIA_CODE } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt, type Trace, text } from "../../model/trace/trace.ts";
import { NO_ROW, type Row } from "../../model/trace/units.ts";
import type { StepField, WorkCall, WorkInput, WorkModel } from "../../model/work.ts";
import type { AssumedWork } from "../model-config/assumed-work.ts";
import { CollectiveAnnotations } from "./collective-annotations.ts";
import { annotatedCollectiveWork, type CollectiveWork, collectiveWork } from "./collectives.ts";
import { bytesOfWork, type CallWork, evaluateWork } from "./evaluate.ts";
import { innerCalls } from "./inner-calls.ts";
import { ModelTable, type ReadyModel } from "./model-table.ts";
import { opArguments } from "./op-arguments.ts";
import { OpTree } from "./op-tree.ts";
import { stepSums } from "./step-sums.ts";
import { transferAt } from "./transfers.ts";
import { NO_HOST, NO_SHAPES, noSizes, REPLAYED, UNTOLD } from "./why-none.ts";

/** One call's least work, and the kernels that did it. */
export interface WorkUnit {
  /** Name of the op, of the collective, or what kind of transfer it was. */
  readonly op: string;
  readonly dims: string;
  readonly types: string;
  readonly model: WorkModel | null;
  readonly flop: number;
  readonly bytes: number;
  readonly rate: CallWork["rate"];
  readonly medium: "memory" | "link" | "host";
  /** Of copies from and to the host the bytes that cross; all of them where it is absent. */
  readonly crossing?: number;
  readonly shapesFrom: ShapesFrom;
  readonly assuming: readonly string[];
  /** The model's own steps, for who wants to follow them; absent where no model told. */
  readonly work?: CallWork;
  /** A bound that is certain and far below what was likely done: no headroom rests on it. */
  readonly isLeast?: boolean;
  readonly rows: Row[];
}
type ShapesFrom = "op" | "capture" | "mapping" | "model-config";

/** Why there is no figure for a kernel. */
export interface Unmodelled {
  readonly row: Row;
  readonly why: string;
}

interface KernelWork {
  readonly units: readonly WorkUnit[];
  readonly unmodelled: readonly Unmodelled[];
}

/**
 * The least work behind every GPU event of a trace, call by call.
 *
 * @param refuted shapes for which the trace refutes that tokens choose their experts evenly, with the share
 *   of those that can have been read in the time
 */
export function kernelWork(
  graph: KernelGraph,
  works: readonly WorkModel[],
  assumed: AssumedWork | null,
  refuted: ReadonlyMap<string, number> = new Map(),
): KernelWork {
  return new Teller(graph, works, assumed, refuted).run();
}

/** What calls have in common of which one assumption holds or fails together. */
export const shapeKey = ({
  op,
  dims,
  types,
  model,
}: Pick<WorkUnit, "op" | "dims" | "types" | "model">): string =>
  `${op} ${dims} ${types} ${model?.id}`;

const LENT = "its launch is not in the trace: arguments as in the neighbouring layers";

const SINGLE = "arguments as wherever the mapping trace runs this kernel";

/** Numbers that are means are written short. */
const dimsText = (inputs: readonly WorkInput[]): string =>
  JSON.stringify(inputs.map(({ dims, value }) => dims ?? shortened(value)));
const shortened = (value: WorkInput["value"]) =>
  value === null ? [] : typeof value === "number" ? Number(value.toFixed(2)) : value;

/** What is left out stands with what is taken for granted. */
const assumptionsOf = ({ assuming, least }: WorkModel): readonly string[] =>
  least === null ? assuming : [...assuming, `at least: ${least}`];

const FEWER =
  "only the experts that one token chooses are counted: evenly chosen ones would have taken longer to read than the kernels ran";
const mostOf = (share: number): string =>
  `in that time at most ${Math.floor(100 * share)}% of them can have been read`;

/** What figures rest on, and whether they are only a bound. */
function certainty({ model }: ReadyModel, share: number | undefined) {
  const assuming = assumptionsOf(model);
  if (share === undefined) return { isLeast: model.least !== null, assuming };
  const others = assuming.filter((each) => !/evenly/.test(each));
  return { isLeast: true, assuming: [...others, `${FEWER}; ${mostOf(share)}`] };
}

type Figures = Omit<WorkUnit, "rows" | "shapesFrom" | "dims" | "types" | "op"> & {
  readonly op: Row;
  /** Distinguishes calls of several models of one op. */
  readonly part: string;
};

class Teller {
  readonly #graph: KernelGraph;
  readonly #models: ModelTable;
  readonly #trees: OpTree[] = [];
  readonly #sums: ReturnType<typeof stepSums>;
  readonly #figures = new Map<string, CallWork | null>();
  readonly #answers = new Map<string, Figures | string>();
  readonly #units = new Map<string, WorkUnit>();
  readonly #times = new Map<string, number>();
  readonly #unmodelled: Unmodelled[] = [];

  /** What is known of launches that no step made. */
  readonly #job: Partial<Record<StepField, number>>;
  readonly #assumed: AssumedWork | null;
  readonly #isReplay: Uint8Array;
  readonly #annotations: CollectiveAnnotations[] = [];
  readonly #hasShapes: boolean;
  readonly #refuted: ReadonlyMap<string, number>;

  constructor(
    graph: KernelGraph,
    works: readonly WorkModel[],
    assumed: AssumedWork | null,
    refuted: ReadonlyMap<string, number>,
  ) {
    this.#refuted = refuted;
    this.#graph = graph;
    this.#assumed = assumed;
    this.#isReplay = graph.isReplay;
    this.#hasShapes = graph.calls.traces.some(({ ops }) => ops.shapes.some((id) => id !== 0));
    this.#models = new ModelTable(works);
    const ranks = graph.trace.metadata.distributed?.worldSize ?? null;
    this.#job = ranks === null ? {} : { ranks };
    this.#sums = stepSums(graph.trace, graph.steps);
  }

  run(): KernelWork {
    const { gpu } = this.#graph.trace;
    for (let row = 0; row < gpu.count; row++) {
      const collective = this.#collective(row);
      const why = collective === undefined ? this.#op(row) : collective;
      if (why === null || this.#transfer(row)) continue;
      this.#unmodelled.push({ row, why });
    }
    return { units: [...this.#units.values()], unmodelled: this.#unmodelled };
  }

  /** Null when the row has a figure now, else why not; undefined for what is no collective. */
  #collective(row: Row): string | null | undefined {
    const { trace, calls } = this.#graph;
    const op = calls.opOf[row]!;
    const own = trace.gpu.collective[row]!;
    const around = calls.traces[calls.traceOf[row]!]!;
    const json =
      own !== 0 ? text(trace, own) : op < 0 ? "" : this.#collectiveAround(around, op, row);
    if (json === "") return this.#annotated(row);
    const work = collectiveWork(json);
    if (work === null) return "a collective whose message or group size was not recorded";
    this.#putCollective(row, work, []);
    return null;
  }

  /** Of recordings whose collectives have no arguments of their own. */
  #annotated(row: Row): null | undefined {
    const { calls } = this.#graph;
    const at = calls.traceOf[row]!;
    const trace = calls.traces[at];
    const { ranks } = this.#job;
    if (trace === undefined || ranks === undefined) return undefined;
    this.#annotations[at] ??= new CollectiveAnnotations(trace);
    const told = this.#annotations[at].around(calls.launchOf[row]!);
    const work = told && annotatedCollectiveWork(told.name, told.bytes, ranks);
    if (work === null) return undefined;
    this.#putCollective(row, work, ["the group is the whole job"]);
    return null;
  }

  #putCollective(row: Row, work: CollectiveWork, assuming: readonly string[]): void {
    this.#put(`c${row}`, row, {
      op: work.name,
      dims: `${work.message} B, ${work.group} GPUs`,
      types: "",
      model: null,
      flop: 0,
      bytes: work.bytes,
      rate: null,
      medium: "link",
      shapesFrom: "op",
      assuming,
    });
  }

  #collectiveAround(trace: Trace, op: Row, row: Row): string {
    const tree = this.#tree(row);
    for (let at = op; at !== NO_ROW; at = tree.parent(at))
      if (trace.ops.collective[at] !== 0) return text(trace, trace.ops.collective[at]!);
    return "";
  }

  #op(row: Row): string | null {
    const { calls, launchOf, viaOf } = this.#graph;
    const at = calls.traceOf[row]!;
    const trace = calls.traces[at]!;
    const op = calls.opOf[row]!;
    if (op < 0) return this.#assume(row, this.#withoutOp(row));
    const answer = this.#answer(row, at, op);
    if (typeof answer === "string" && trace.ops.shapes[op] === 0)
      return this.#assume(row, this.#hasShapes ? answer : NO_SHAPES);
    if (typeof answer === "string") return answer;
    const isOwn = at === 0 && calls.launchOf[row] === launchOf[row];
    const isLent = !isOwn && at === 0;
    const turn = isOwn ? "" : at > 0 ? this.#replayed(row) : this.#lent(row, answer.op);
    const { op: call, part, ...figures } = answer;
    this.#put(`${at}:${call}:${part}${turn}`, row, {
      ...figures,
      ...this.#crossing(row),
      assuming: [
        ...(isLent ? [LENT] : []),
        ...(viaOf[row] === VIA_CODE["single-site-name"] ? [SINGLE] : []),
        ...figures.assuming,
      ],
      op: text(trace, trace.ops.name[call]!),
      dims: text(trace, trace.ops.shapes[call]!),
      types: text(trace, trace.ops.types[call]!),
      shapesFrom: at === 0 ? "op" : VIA[viaOf[row]!] === "graph-capture" ? "capture" : "mapping",
    });
    return null;
  }

  /**
   * A captured call runs once in every replay: its kernels are one another's by the replay. Where a
   * mapping tells several layers by one, each of them is a call of its own.
   */
  #replayed(row: Row): string {
    const { calls, launchOf, trace } = this.#graph;
    const launch = calls.launchOf[row]!;
    const kernel = launch < 0 ? `${calls.opOf[row]} ${trace.gpu.name[row]}` : launch;
    const turn = this.#turn(`${calls.traceOf[row]} ${launchOf[row]} ${kernel}`);
    return `@${launchOf[row]}#${turn}`;
  }

  /** One lent by a neighbour runs as often as it is lent. */
  #lent(row: Row, op: Row): string {
    return `~${this.#turn(`${op} ${kernelNameAt(this.#graph.trace, row).raw}`)}`;
  }

  #withoutOp(row: Row): string {
    const { viaOf, launchOf, trace } = this.#graph;
    if (viaOf[row] !== VIA_CODE.none) return "the op is known, its arguments are not";
    const launch = launchOf[row]!;
    if (launch >= 0 && this.#isReplay[launch] === 1) return REPLAYED;
    if (trace.ops.count === 0) return NO_HOST;
    return this.#hasShapes ? "no op was recorded around the launch" : NO_SHAPES;
  }

  /** What the model's configuration tells of a kernel; null when that is a figure, else why none. */
  #assume(row: Row, otherwise: string): string | null {
    if (this.#assumed === null) return otherwise;
    const { path, refused, mostExperts } = this.#assumed;
    if (refused.length > 0) return `${path} is another model's`;
    const found = this.#assumed.of(row);
    if (found === null) return noSizes(path, symbolAt(this.#graph, row).role);
    if (typeof found === "string") return found;
    const isLeast = mostExperts !== null && found.least !== undefined;
    const call = isLeast ? found.least : found;
    const step = this.#sums[this.#graph.stepOf[row]!] ?? {};
    for (const { model } of this.#models.of(call.op)) {
      const args = { inputs: call.inputs, inner: () => null, outer: () => null, step };
      const work = evaluateWork(model, args);
      if (work === null) continue;
      this.#put(`assumed ${call.key}`, row, {
        op: call.op,
        dims: dimsText(call.inputs),
        types: JSON.stringify(call.inputs.map(({ type }) => type)),
        model,
        flop: work.flop,
        bytes: bytesOfWork(work),
        rate: work.rate,
        medium: "memory",
        work,
        shapesFrom: "model-config",
        isLeast: isLeast || model.least !== null,
        assuming: [
          ...call.assuming,
          ...(isLeast ? [mostOf(mostExperts)] : []),
          ...assumptionsOf(model),
        ],
      });
      return null;
    }
    return UNTOLD[call.op] ?? `no work model of ${call.op}`;
  }

  #turn(key: string): number {
    const turn = (this.#times.get(key) ?? 0) + 1;
    this.#times.set(key, turn);
    return turn;
  }

  /** The nearest call around the launch that a model tells the work of. */
  #answer(row: Row, at: number, op: Row): Figures | string {
    const { calls, stepOf } = this.#graph;
    const launch = calls.launchOf[row]!;
    const kernel = kernelNameAt(this.#graph.trace, row).demangled;
    const key = `${at}:${op}:${launch}:${stepOf[row]}:${this.#graph.trace.gpu.name[row]}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const trace = calls.traces[at]!;
    const tree = this.#tree(row);
    let answer: Figures | string | null = null;
    let nearest: string | null = null;
    for (let call = op; call !== NO_ROW && answer === null; call = tree.parent(call)) {
      const name = text(trace, trace.ops.name[call]!);
      for (const ready of this.#models.of(name)) {
        if (!ready.fitsKernel(kernel)) continue;
        const work = this.#evaluate(ready, { at, trace, tree, call, launch, step: stepOf[row]! });
        if (work === null) {
          nearest ??= `${name}: an argument its model needs was not recorded, or has a form it does not tell`;
          continue;
        }
        answer = {
          op: call,
          part: ready.model.kernels.length === 0 ? "" : ready.model.id,
          model: ready.model,
          flop: work.flop,
          bytes: bytesOfWork(work),
          rate: work.rate,
          medium: work.links === null ? "memory" : "link",
          ...certainty(ready, this.#shareRead(trace, call, ready)),
          work,
        };
        break;
      }
    }
    const found = answer ?? nearest ?? `no work model of ${text(trace, trace.ops.name[op]!)}`;
    this.#answers.set(key, found);
    return found;
  }

  #evaluate(
    ready: ReadyModel,
    call: { at: number; trace: Trace; tree: OpTree; call: Row; launch: Row; step: number },
  ): CallWork | null {
    const { model, asksStep, asksInner, asksOuter } = ready;
    const { trace } = call;
    const { shapes, types, strides, concrete } = trace.ops;
    const { call: op, launch } = call;
    const key = [
      model.id,
      call.at,
      shapes[op],
      types[op],
      strides[op],
      concrete[op],
      asksStep ? call.step : "",
      asksInner ? `${op}@${launch}` : asksOuter ? op : "",
    ].join(" ");
    const known = this.#figures.get(key);
    if (known !== undefined) return known;
    const inner = asksInner
      ? innerCalls(
          [...call.tree.insideBefore(op, launch)].map((row) => ({
            op: text(trace, trace.ops.name[row]!),
            inputs: opArguments(trace, row),
          })),
        )
      : () => null;
    const outer = (name: string): WorkCall | null => {
      for (let at = call.tree.parent(op); at !== NO_ROW; at = call.tree.parent(at))
        if (text(trace, trace.ops.name[at]!) === name)
          return { op: name, inputs: opArguments(trace, at) };
      return null;
    };
    const step = this.#sums[call.step] ?? this.#job;
    const leastExperts = this.#shareRead(trace, op, ready) !== undefined;
    const inputs = opArguments(trace, op);
    const work = evaluateWork(model, { inputs, inner, outer, step, leastExperts });
    this.#figures.set(key, work);
    return work;
  }

  /** Of a call whose evenly chosen experts the trace refutes the share that can have been read. */
  #shareRead(trace: Trace, op: Row, { model, asksExperts }: ReadyModel): number | undefined {
    if (!asksExperts || this.#refuted.size === 0) return undefined;
    const { name, shapes, types } = trace.ops;
    return this.#refuted.get(
      shapeKey({
        op: text(trace, name[op]!),
        dims: text(trace, shapes[op]!),
        types: text(trace, types[op]!),
        model,
      }),
    );
  }

  /** A copy from or to the host is bound by the way there, whatever op asked for it. */
  #crossing(row: Row): Pick<WorkUnit, "crossing" | "medium"> | null {
    const transfer = transferAt(this.#graph, row);
    if (transfer === null || transfer.medium === "memory") return null;
    return { crossing: transfer.size, medium: transfer.medium };
  }

  #transfer(row: Row): boolean {
    const transfer = transferAt(this.#graph, row);
    if (transfer === null) return false;
    const { op, size, bytes, medium } = transfer;
    this.#put(`t${row}`, row, {
      op,
      dims: `${size} B`,
      types: "",
      model: null,
      flop: 0,
      bytes,
      rate: null,
      medium,
      shapesFrom: "op",
      assuming: [],
    });
    return true;
  }

  #put(key: string, row: Row, unit: Omit<WorkUnit, "rows">): void {
    const known = this.#units.get(key);
    if (known === undefined) this.#units.set(key, { ...unit, rows: [row] });
    else known.rows.push(row);
  }

  #tree(row: Row): OpTree {
    const { calls } = this.#graph;
    const at = calls.traceOf[row]!;
    const known = this.#trees[at];
    if (known !== undefined) return known;
    const made = new OpTree(calls.traces[at]!);
    this.#trees[at] = made;
    return made;
  }
}
