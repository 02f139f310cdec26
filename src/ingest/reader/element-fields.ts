import { KeyTable } from "./key-table.ts";

/** Fields by number: the steps of a layout. The order is that of the keys below. */
export const PH = 0;
export const CAT = 1;
export const NAME = 2;
export const PID = 3;
export const TID = 4;
export const TS = 5;
export const DUR = 6;
export const ARGS = 7;
export const KEYS = new KeyTable(["ph", "cat", "name", "pid", "tid", "ts", "dur", "args"]);

export const FIRST_ARGUMENT = 8;
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
export const ARGUMENT_KEYS = new KeyTable([
  "correlation",
  "External id",
  "device",
  "stream",
  "grid",
  "block",
  "bytes",
  "Input Dims",
  "Input type",
  "kernel",
  "kind",
  "name",
  "graph id",
  "graph node id",
  "wait_on_stream",
  "Collective name",
]);
/** A value nobody reads. */
export const SKIP = 24;

/** Fields with a handful of values in a whole trace: layouts hold them as bytes to compare. */
export const FEW_VALUED = new Set([PH, CAT, PID, TID, DEVICE, STREAM]);
