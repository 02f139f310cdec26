/** Constructors for model descriptions: what reads well in a call tree. */
import type {
  AnnotationCall,
  ApiCall,
  BreakCall,
  Call,
  FenceCall,
  GpuCall,
  GraphCall,
  LayerCall,
  MarkCall,
  ModuleCall,
  OpCall,
  PauseCall,
  PyCall,
} from "./calls.ts";
import type { Json } from "./trace.ts";

export function py(name: string, ...body: Call[]): PyCall {
  return { kind: "py", name, plumbing: false, body };
}

export function plumbing(name: string, ...body: Call[]): PyCall {
  return { kind: "py", name, plumbing: true, body };
}

/** The frame torch puts between a module and its forward. */
export const CALL_IMPL = plumbing("torch/nn/modules/module.py(1779): _call_impl");

export function module(type: string, as: string, ...body: Call[]): ModuleCall {
  return { kind: "module", type, as, body };
}

/** An op on bf16 tensors of the given shapes; `[]` stands for a scalar. */
export function op(name: string, dims: readonly Json[], ...body: Call[]): OpCall {
  const types = dims.map((dim) =>
    Array.isArray(dim) && dim.length > 0 ? "c10::BFloat16" : "Scalar",
  );
  return { kind: "op", name, dims, types, extra: {}, body };
}

export function annotation(name: string, ...body: Call[]): AnnotationCall {
  return { kind: "annotation", name, body };
}

const GPU_DEFAULTS = {
  grid: [132, 1, 1],
  block: [256, 1, 1],
  registers: 32,
  sharedMemory: 0,
  bytes: 0,
  stream: "main",
  api: "cudaLaunchKernel",
  earlyUs: 0,
  collective: false,
  blocking: false,
  extra: {},
} as const;

export function kernel(
  role: string,
  name: string,
  us: number,
  more: Partial<Omit<GpuCall, "kind" | "role" | "name" | "us">> = {},
): GpuCall {
  return { ...GPU_DEFAULTS, kind: "kernel", name, role, us, ...more };
}

/** A copy; `direction` as Kineto prints it ("DtoD (Device -> Device)"). */
export function copy(
  role: string,
  direction: string,
  bytes: number,
  us: number,
  more: Partial<Omit<GpuCall, "kind" | "role" | "name" | "us">> = {},
): GpuCall {
  return {
    ...GPU_DEFAULTS,
    kind: "copy",
    name: `Memcpy ${direction}`,
    role,
    us,
    bytes,
    api: "cudaMemcpyAsync",
    ...more,
  };
}

export function fill(role: string, bytes: number, us: number): GpuCall {
  return {
    ...GPU_DEFAULTS,
    kind: "fill",
    name: "Memset (Device)",
    role,
    us,
    bytes,
    api: "cudaMemsetAsync",
  };
}

export function api(name: string, waits: string | null = null): ApiCall {
  return { kind: "api", name, waits };
}

export function fence(from: string, to: string): FenceCall {
  return { kind: "fence", from, to };
}

export function mark(name: string, stream: string): MarkCall {
  return { kind: "mark", name, stream };
}

export function pause(us: number): PauseCall {
  return { kind: "pause", us };
}

export function layer(index: number, ...body: Call[]): LayerCall {
  return { kind: "layer", index, body };
}

export function eager(...body: Call[]): BreakCall {
  return { kind: "break", body };
}

/** The capture of a graph: its body is launched, not run. */
export function capturedGraph(id: string, piecewise: boolean, ...body: Call[]): GraphCall {
  const replayOnly = { around: [], paddingEvery: 0, nodeIds: false };
  return { kind: "graph", id, act: "capture", piecewise, ...replayOnly, body };
}

/** A replay of it; `around` are the frames of each graph launch. */
export function replayedGraph(
  id: string,
  how: Pick<GraphCall, "piecewise" | "around" | "paddingEvery" | "nodeIds">,
  ...body: Call[]
): GraphCall {
  return { kind: "graph", id, act: "replay", ...how, body };
}

/** An op reached through `torch.ops`: the wrapper frames are plumbing. */
export function torchOp(name: string, dims: readonly Json[], ...body: Call[]): Call {
  const short = name.slice(name.indexOf("::") + 2);
  const builtin = `<built-in method ${short} of pybind11_builtins.pybind11_detail_function_record_v1_system_libstdcpp_gxx_abi_1xxx_use_cxx11_abi_1 object at 0x7f1c5d3e2a30>`;
  return plumbing("torch/_ops.py(1244): __call__", plumbing(builtin, op(name, dims, ...body)));
}

/** A collective of torch.distributed: the op, its parameters, NCCL's annotation, the kernel. */
export function collective(
  name: string,
  ncclName: string,
  dims: readonly Json[],
  run: GpuCall,
): Call {
  const params = op("record_param_comms", dims, annotation(`nccl:${ncclName}`, run));
  return op(name, dims, { ...params, extra: run.extra });
}

/** Nests `body` in plumbing-or-code frames, outermost first; a leading "~" marks plumbing. */
export function frames(names: readonly string[], ...body: Call[]): Call {
  const [first, ...rest] = names;
  if (first === undefined) return { kind: "break", body };
  const inner = rest.length === 0 ? body : [frames(rest, ...body)];
  return first.startsWith("~") ? plumbing(first.slice(1), ...inner) : py(first, ...inner);
}
