import * as at from "./row-layout.ts";

/** Fields by number: what stands between two literals of a layout. */
export const PH = 0;
export const CAT = 1;
export const NAME = 2;
export const PID = 3;
export const TID = 4;
export const TS = 5;
export const DUR = 6;
export const ARGS = 7;
export const CORRELATION = 8;
export const EXTERNAL_ID = 9;
export const DEVICE = 10;
export const STREAM = 11;
export const GRID = 12;
export const BLOCK = 13;
export const BYTES = 14;
export const DIMS = 15;
export const TYPES = 16;
export const KERNEL = 17;
export const DETAIL = 18;
export const LABEL = 19;
export const GRAPH_ID = 20;
export const GRAPH_NODE_ID = 21;
export const WAIT_ON = 22;
export const COLLECTIVE = 23;
export const STRIDES = 24;
export const CONCRETE = 25;
/** A value nobody reads. */
export const SKIP = 26;
/** No value: the element is over. */
export const END = 27;

/**
 * Where in a row a field stands whose values are a handful in a whole trace: layouts hold them as
 * bytes to compare. 0 for every other field.
 */
export function offsetOfFewValued(field: i32): usize {
  switch (field) {
    case PH:
      return at.PHASE_AT;
    case CAT:
      return at.CATEGORY_AT;
    case PID:
      return at.PID_AT;
    case TID:
      return at.TID_AT;
    case DEVICE:
      return at.DEVICE_AT;
    case STREAM:
      return at.STREAM_AT;
    default:
      return 0;
  }
}

/** Whether a field is one of those that few events have. */
export function isDetail(field: i32): bool {
  return field >= DEVICE && field < SKIP;
}
