import type { BreakCall, Call, FenceCall, GpuCall, GraphCall } from "./calls.ts";
import { CALL_IMPL } from "./describe.ts";
import { inLayer, inside, type Scope } from "./origin.ts";
import type { Arrivals, Recorder } from "./recorder.ts";
import type { SynthEvent } from "./trace.ts";

/** What a graph holds: work and fences in order; a break ends the piece. */
interface Leaf {
  readonly call: GpuCall | FenceCall | BreakCall;
  readonly scope: Scope;
}

/** Walks the body without the host, then launches it: one launch per piece between breaks. */
export function* replay(recorder: Recorder, graph: GraphCall, scope: Scope): Arrivals {
  const place = { node: 0, piece: 0 };
  const captured: Scope = { ...scope, stack: null, ops: null, modules: null };
  let piece: Leaf[] = [];
  for (const leaf of leaves(recorder, graph.body, { ...captured, piecewise: graph.piecewise })) {
    if (leaf.call.kind !== "break") {
      piece.push(leaf);
      continue;
    }
    yield* launchPiece(recorder, graph, place, piece, scope);
    piece = [];
    const { layer, key } = leaf.scope;
    yield* recorder.play(leaf.call.body, { ...scope, layer, key });
  }
  yield* launchPiece(recorder, graph, place, piece, scope);
}

function* launchPiece(
  recorder: Recorder,
  graph: GraphCall,
  place: { node: number; piece: number },
  piece: readonly Leaf[],
  scope: Scope,
): Arrivals {
  if (piece.length === 0) return;
  const { host } = recorder;
  const { timing, stacks } = host.scene;
  const opened = stacks ? openFrames(recorder, graph.around, scope) : [];
  const began = host.now;
  const ids = { externalId: null, correlation: host.nextCorrelation() };
  const cost = timing.graphLaunchNs + timing.graphNodeNs * piece.length;
  const launch = host.call("cudaGraphLaunch", ids, null, cost);
  // The GPU starts on a graph well before the launch call returns.
  const common = { ...ids, launch, ready: began + host.around(timing.graphLaunchNs * 0.8) };
  const firstNodeId = FIRST_NODE_ID + BigInt(place.piece++) * 4096n;
  for (const { call, scope: within } of piece) {
    if (call.kind === "fence") recorder.lanes.fence(call.from, call.to);
    if (call.kind === "fence" || call.kind === "break") continue;
    const node = place.node++;
    if (graph.paddingEvery > 0 && node % graph.paddingEvery === graph.paddingEvery - 1) {
      const unknown = { graph: { id: graph.id, node: null }, nodeId: null };
      yield* recorder.run({ ...common, ...unknown, call: PADDING, scope: within });
    }
    const nodeId = graph.nodeIds ? firstNodeId + BigInt(node) : null;
    yield* recorder.run({ ...common, graph: { id: graph.id, node }, nodeId, call, scope: within });
  }
  host.fileCall(launch, "s");
  for (const event of opened.reverse()) host.endFrame(event);
}

function openFrames(recorder: Recorder, names: readonly string[], scope: Scope): SynthEvent[] {
  let parent = scope.pythonId;
  return names.map((name) => {
    const { event, pythonId } = recorder.host.beginFrame(name, parent, null);
    parent = pythonId;
    return event;
  });
}

function* leaves(recorder: Recorder, calls: readonly Call[], scope: Scope): Generator<Leaf> {
  for (const call of calls) {
    switch (call.kind) {
      case "kernel":
      case "copy":
      case "fill":
      case "fence":
        yield { call, scope };
        break;
      case "break":
        if (scope.piecewise) yield { call, scope };
        else yield* leaves(recorder, call.body, scope);
        break;
      case "layer":
        yield* leaves(recorder, call.body, inLayer(scope, call.index));
        break;
      case "module": {
        const name = `${call.type}_${recorder.instanceOf(call, scope)}`;
        const within = inside(inside(scope, call, name), CALL_IMPL, "");
        yield* leaves(recorder, call.body, within);
        break;
      }
      case "py":
      case "op":
        yield* leaves(recorder, call.body, inside(scope, call, ""));
        break;
      case "annotation":
        yield* leaves(recorder, call.body, scope);
        break;
    }
  }
}

/** Beyond 2^32, as CUDA's node ids are. */
const FIRST_NODE_ID = 30_064_771_072_000n;

const PADDING: GpuCall = {
  kind: "fill",
  name: "Memset (Device)",
  role: "padding",
  us: 1.1,
  grid: [1, 1, 1],
  block: [1, 1, 1],
  registers: 0,
  sharedMemory: 0,
  bytes: 4,
  stream: "main",
  api: "cudaMemsetAsync",
  earlyUs: 0,
  collective: false,
  blocking: false,
  extra: {},
};
