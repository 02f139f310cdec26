import { NO_ID } from "../../model/trace/units.ts";
import type { TextId } from "../columns/text-table.ts";

/**
 * The fields of one `traceEvents` element that anything in the program uses. One record is reused
 * for all elements: a reader fills it, the builder copies what it keeps.
 */
export interface EventRow {
  /** Char code of `ph`; 0 when missing or longer than one character. */
  phase: number;
  category: TextId;
  name: TextId;
  pid: TextId;
  tid: TextId;
  /** Whole microseconds of `ts`; NaN when missing. */
  us: number;
  /** The rest of `ts` in whole nanoseconds (a negative `ts` has it negative). */
  ns: number;
  /** `dur` in whole nanoseconds; NaN when missing. */
  duration: number;
  /** Ids as {@link RowId}. */
  correlation: RowId;
  externalId: RowId;
  /** Any of the fields below was set: most events have none of them. */
  hasDetails: boolean;
  /** NaN when missing. */
  device: number;
  stream: TextId;
  /** NaN when missing. */
  bytes: number;
  graphId: RowId;
  graphNodeId: RowId;
  /** `args.kernel`, when it is a text. */
  kernel: TextId;
  /** `args.kind`, when it is a text. */
  detail: TextId;
  /** `args.name`, when it is a text (thread names). */
  label: TextId;
  waitOnStream: TextId;
  /** JSON texts in the spelling of JSON.stringify. */
  grid: TextId;
  block: TextId;
  shapes: TextId;
  types: TextId;
  strides: TextId;
  concrete: TextId;
  collective: TextId;
}

/**
 * An id as the file has it: itself when it is a whole number in 0..2^53, `-2 - TextId` of its
 * digits when it is any other whole number, {@link NO_ID} when it is missing or no whole number.
 */
export type RowId = number;

/**
 * Every field holds a number of its widest kind once: an engine that has seen small integers only
 * compiles for those, and all over again at the first fraction.
 */
export function newEventRow(): EventRow {
  const wide = Number.NaN;
  return clearRow({
    phase: 0,
    category: 0,
    name: 0,
    pid: 0,
    tid: 0,
    us: wide,
    ns: 0,
    duration: wide,
    correlation: wide,
    externalId: wide,
    hasDetails: true,
    device: wide,
    stream: 0,
    bytes: wide,
    graphId: wide,
    graphNodeId: wide,
    kernel: 0,
    detail: 0,
    label: 0,
    waitOnStream: 0,
    grid: 0,
    block: 0,
    shapes: 0,
    types: 0,
    strides: 0,
    concrete: 0,
    collective: 0,
  });
}

export function clearRow(row: EventRow): EventRow {
  row.phase = 0;
  row.category = 0;
  row.name = 0;
  row.pid = 0;
  row.tid = 0;
  row.us = Number.NaN;
  row.ns = 0;
  row.duration = Number.NaN;
  row.correlation = NO_ID;
  row.externalId = NO_ID;
  if (row.hasDetails) clearDetails(row);
  return row;
}

export function clearDetails(row: EventRow): void {
  row.hasDetails = false;
  row.device = Number.NaN;
  row.stream = 0;
  row.bytes = Number.NaN;
  row.graphId = NO_ID;
  row.graphNodeId = NO_ID;
  row.kernel = 0;
  row.detail = 0;
  row.label = 0;
  row.waitOnStream = 0;
  row.grid = 0;
  row.block = 0;
  row.shapes = 0;
  row.types = 0;
  row.strides = 0;
  row.concrete = 0;
  row.collective = 0;
}
