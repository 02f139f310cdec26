import type { FrameworkProfile } from "../../model/framework.ts";
import type { Site } from "../../model/trace/kernel-graph.ts";
import { type Trace, text } from "../../model/trace/trace.ts";
import { type FrameText, parseFrame, withoutAddress } from "./frame-text.ts";
import { PairTable } from "./pair-table.ts";

/** Site 0: nothing is known. */
export const EMPTY_SITE: Site = {
  location: null,
  fn: null,
  module: null,
  modulePath: null,
  cpuOp: null,
  topOp: null,
  shapes: null,
  types: null,
  stack: [],
};

/** What one frame says by itself. */
interface Frame {
  readonly text: string;
  readonly parsed: FrameText;
  /** How good a place in the code it is, 0 for what is none. */
  readonly rank: number;
}

/** What the frames of one stack say together. */
interface FramePath {
  readonly below: FramePath | null;
  /** Text of the innermost frame. */
  readonly text: string;
  readonly rank: number;
  readonly location: string | null;
  readonly fn: string | null;
  readonly module: string | null;
  readonly modulePath: string | null;
}

interface OpPath {
  /** Outermost and innermost op worth showing. */
  readonly topOp: string | null;
  readonly cpuOp: string | null;
  readonly isBookkeeping: boolean;
}

const NO_FRAMES: FramePath = {
  below: null,
  text: "",
  rank: 0,
  location: null,
  fn: null,
  module: null,
  modulePath: null,
};
const NO_OPS: OpPath = { topOp: null, cpuOp: null, isBookkeeping: true };

/**
 * Interns stacks and the sites they make. Equal stacks share a path number, so a site costs its
 * work once however many kernels come from it. Path 0 is the empty stack, site 0 the empty site.
 */
export class SiteTable {
  readonly #trace: Trace;
  readonly #profile: FrameworkProfile;
  readonly #framePairs = new PairTable();
  readonly #framePaths: FramePath[] = [NO_FRAMES];
  readonly #opPairs = new PairTable();
  readonly #opPaths: OpPath[] = [NO_OPS];
  readonly #stackPairs = new PairTable();
  readonly #argumentPairs = new PairTable();
  readonly #sitePairs = new PairTable();
  /** Number of a frame text without addresses, per StringId, plus one; 0 = not looked at yet. */
  readonly #frameIds: Uint32Array;
  readonly #frameTexts = new Map<string, number>();
  readonly #frames: Frame[] = [];
  readonly sites: Site[] = [EMPTY_SITE];

  constructor(trace: Trace, profile: FrameworkProfile) {
    this.#trace = trace;
    this.#profile = profile;
    this.#frameIds = new Uint32Array(trace.strings.length);
    this.site(0, 0, 0, 0);
  }

  /** Path of a frame called from `path`. */
  readonly extendFrames = (path: number, name: number): number => {
    const frame = this.#frameId(name);
    const extended = this.#framePairs.intern(path, frame) + 1;
    if (extended === this.#framePaths.length)
      this.#framePaths.push(framePath(this.#framePaths[path]!, this.#frames[frame]!));
    return extended;
  };

  /** Path of an op called from `path`. */
  readonly extendOps = (path: number, name: number): number => {
    const extended = this.#opPairs.intern(path, name) + 1;
    if (extended === this.#opPaths.length)
      this.#opPaths.push(opPath(this.#opPaths[path]!, text(this.#trace, name)));
    return extended;
  };

  /** Whether the innermost op of a path is one that only frames another (see {@link isBookkeeping}). */
  isBookkeepingName(name: number): boolean {
    return isBookkeeping(text(this.#trace, name));
  }

  /** Site of a pair of paths and the innermost op's arguments (StringIds). */
  site(framePath: number, opPath: number, shapes: number, types: number): number {
    const stack = this.#stackPairs.intern(framePath, opPath);
    const id = this.#sitePairs.intern(stack, this.#argumentPairs.intern(shapes, types));
    if (id === this.sites.length) {
      const frames = this.#framePaths[framePath]!;
      const ops = this.#opPaths[opPath]!;
      this.sites.push({
        location: frames.location,
        fn: frames.fn,
        module: frames.module,
        modulePath: frames.modulePath,
        cpuOp: ops.cpuOp,
        topOp: ops.topOp,
        shapes: text(this.#trace, shapes) || null,
        types: text(this.#trace, types) || null,
        // Written out only where somebody asks: many sites share most of a long stack.
        get stack() {
          return stackOf(frames);
        },
      });
    }
    return id;
  }

  #frameId(name: number): number {
    const known = this.#frameIds[name]!;
    if (known > 0) return known - 1;
    const bare = withoutAddress(text(this.#trace, name));
    let id = this.#frameTexts.get(bare);
    if (id === undefined) {
      id = this.#frames.push(this.#frame(bare)) - 1;
      this.#frameTexts.set(bare, id);
    }
    this.#frameIds[name] = id + 1;
    return id;
  }

  #frame(bare: string): Frame {
    const parsed = parseFrame(bare);
    const rank = parsed.kind === "python" ? this.#profile.siteRank(parsed.path, parsed.fn) : 0;
    return { text: bare, parsed, rank };
  }
}

function framePath(below: FramePath, { text: bare, parsed, rank }: Frame): FramePath {
  switch (parsed.kind) {
    case "module":
      return {
        ...below,
        below,
        text: bare,
        module: joined(below.module, parsed.type),
        modulePath: joined(below.modulePath, parsed.instance),
      };
    case "python": {
      if (rank === 0 || rank < below.rank) return { ...below, below, text: bare };
      const location = `${parsed.path}:${parsed.line}`;
      return { ...below, below, text: bare, rank, location, fn: parsed.fn };
    }
    case "other":
      return { ...below, below, text: bare };
  }
}

function joined(path: string | null, name: string): string {
  return path === null ? name : `${path}.${name}`;
}

function stackOf(frames: FramePath): readonly string[] {
  const texts: string[] = [];
  for (let at: FramePath | null = frames; at?.below; at = at.below) texts.push(at.text);
  return texts;
}

/**
 * Rows among the cpu ops that frame the op proper and say nothing of their own: the record around
 * a collective, the region of a compiled graph, a profiling shim with a counter in its name. They
 * are shown only where there is nothing else.
 */
function isBookkeeping(op: string): boolean {
  return /^(record_param_comms$|Torch-Compiled Region|sglang_profiler::|nccl:|gloo:|ProfilerStep#|## |PythonSubclass$|autograd::engine::evaluate_function)/.test(
    op,
  );
}

function opPath(below: OpPath, name: string): OpPath {
  const isShim = isBookkeeping(name);
  if (below.isBookkeeping && !isShim) return { topOp: name, cpuOp: name, isBookkeeping: false };
  if (below.isBookkeeping) return { topOp: below.topOp ?? name, cpuOp: name, isBookkeeping: true };
  return isShim ? below : { ...below, cpuOp: name };
}
