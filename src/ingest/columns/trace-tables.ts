/** Columns of each table while it grows, as model/trace.ts has them. */
export const GPU = {
  kind: Uint8Array,
  name: Uint32Array,
  stream: Uint16Array,
  start: Float64Array,
  duration: Float64Array,
  correlation: Float64Array,
  externalId: Float64Array,
  graphId: Float64Array,
  graphNodeId: Float64Array,
  dims: Uint32Array,
  bytes: Float64Array,
  collective: Uint32Array,
};

export const LAUNCHES = {
  api: Uint8Array,
  name: Uint32Array,
  thread: Uint16Array,
  start: Float64Array,
  duration: Float64Array,
  correlation: Float64Array,
  externalId: Float64Array,
  kernel: Uint32Array,
  dims: Uint32Array,
  stream: Uint32Array,
  detail: Uint32Array,
};

export const OPS = {
  name: Uint32Array,
  thread: Uint16Array,
  start: Float64Array,
  duration: Float64Array,
  externalId: Float64Array,
  shapes: Uint32Array,
  types: Uint32Array,
  strides: Uint32Array,
  concrete: Uint32Array,
  collective: Uint32Array,
};

export const FRAMES = {
  name: Uint32Array,
  thread: Uint16Array,
  start: Float64Array,
  duration: Float64Array,
};

export const ANNOTATIONS = {
  name: Uint32Array,
  onGpu: Uint8Array,
  lane: Uint16Array,
  start: Float64Array,
  duration: Float64Array,
  externalId: Float64Array,
  shapes: Uint32Array,
  types: Uint32Array,
};

export const SYNCS = {
  name: Uint32Array,
  stream: Uint16Array,
  waitedFor: Uint16Array,
  start: Float64Array,
  duration: Float64Array,
  correlation: Float64Array,
};
