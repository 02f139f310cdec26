import { isObject } from "../../base/is-object.ts";
import { NO_ID } from "../../model/trace/units.ts";
import { LongNumber, splitMicroseconds } from "../columns/decimal.ts";
import { LONGEST_TEXT, type TextId, type TextTable } from "../columns/text-table.ts";
import { clearRow, type EventRow, type RowId } from "../events/event-row.ts";

/** Arguments of a collective, in the order their JSON text is written. */
const COLLECTIVE_KEYS = [
  "Collective name",
  "Process Group Name",
  "Process Group Description",
  "Process Group Ranks",
  "Group size",
  "Rank",
  "Src Rank",
  "Dst Rank",
  "Seq",
  "dtype",
  "In msg nelems",
  "Out msg nelems",
  "In split size",
  "Out split size",
  "Is asynchronized op",
];

/** Members that decide whether an event can be used and where it belongs. */
export const USED_MEMBERS: ReadonlySet<string> = new Set([
  ...["ph", "cat", "name", "pid", "tid", "ts", "dur", "args"],
  ...["correlation", "External id", "device", "stream", "graph id", "graph node id"].map(
    (key) => `args.${key}`,
  ),
]);

/**
 * Reads one parsed element into `row`: how each field is understood, whatever the reader. The fast
 * reader has the same rules for the plain spellings and comes here for everything else.
 *
 * @returns false when the element is no object.
 */
export function rowFromObject(row: EventRow, element: unknown, texts: TextTable): boolean {
  clearRow(row);
  row.hasDetails = true;
  if (!isElement(element)) return false;
  const phase = element.ph;
  row.phase = typeof phase === "string" && phase.length === 1 ? phase.charCodeAt(0) : 0;
  row.category = plainText(element.cat, texts);
  row.name = plainText(element.name, texts);
  row.pid = laneText(element.pid, texts);
  row.tid = laneText(element.tid, texts);
  const start = microseconds(element.ts);
  if (start !== null) {
    row.us = start.us;
    row.ns = start.ns;
  }
  const duration = microseconds(element.dur);
  if (duration !== null) row.duration = duration.us * 1000 + duration.ns;
  if (isElement(element.args)) fillArguments(row, element.args, texts);
  return true;
}

function fillArguments(row: EventRow, args: Record<string, unknown>, texts: TextTable): void {
  row.correlation = rowId(args.correlation, texts);
  row.externalId = rowId(args["External id"], texts);
  row.graphId = rowId(args["graph id"], texts);
  row.graphNodeId = rowId(args["graph node id"], texts);
  row.device = count(args.device);
  row.stream = laneText(args.stream, texts);
  row.waitOnStream = laneText(args.wait_on_stream, texts);
  row.bytes = count(args.bytes);
  row.kernel = plainText(args.kernel, texts);
  row.detail = plainText(args.kind, texts);
  row.label = plainText(args.name, texts);
  row.grid = jsonText(args.grid, texts);
  row.block = jsonText(args.block, texts);
  row.shapes = jsonText(args["Input Dims"], texts);
  row.types = jsonText(args["Input type"], texts);
  row.strides = jsonText(args["Input Strides"], texts);
  row.concrete = jsonText(args["Concrete Inputs"], texts);
  if (args["Collective name"] !== undefined) row.collective = collectiveText(args, texts);
}

function collectiveText(args: Record<string, unknown>, texts: TextTable): TextId {
  const own = COLLECTIVE_KEYS.filter((key) => args[key] !== undefined);
  return jsonTextId(Object.fromEntries(own.map((key) => [key, args[key]])), texts);
}

function isElement(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !(value instanceof LongNumber);
}

function plainText(value: unknown, texts: TextTable): TextId {
  return typeof value === "string" ? texts.idOf(value) : 0;
}

/** Process, thread and stream ids are texts in some files and numbers in others: both are texts here. */
function laneText(value: unknown, texts: TextTable): TextId {
  if (typeof value === "number") return texts.idOf(String(value));
  if (value instanceof LongNumber) return texts.idOf(value.digits);
  return plainText(value, texts);
}

/** Arrays only: the arguments read this way are lists, anything else in their place says nothing. */
function jsonText(value: unknown, texts: TextTable): TextId {
  return Array.isArray(value) ? jsonTextId(value, texts) : 0;
}

/** What is too long or too deeply nested to be an argument says nothing: half of it would be no JSON. */
function jsonTextId(value: object, texts: TextTable): TextId {
  const json = shortJson(value);
  return json === null ? 0 : texts.idOf(json);
}

/** The text of a value as JSON.stringify spells it; null where it is longer than texts may be. */
export function shortJson(value: unknown): string | null {
  try {
    const json = JSON.stringify(value);
    return json.length > LONGEST_TEXT ? null : json;
  } catch (error) {
    // Nested deeper than the stack reaches.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Some exporters put numbers in quotes, some of them with blanks or the locale's decimal comma. */
const NUMERIC = /^\s*(-?\d+)(?:[.,](\d+))?\s*$/;
const HEX_ID = /^0x[0-9a-f]{1,13}$/i;

function microseconds(value: unknown): { us: number; ns: number } | null {
  if (typeof value === "string") {
    const [digits, whole, fraction = "0"] = NUMERIC.exec(value) ?? [];
    return digits === undefined ? null : splitMicroseconds(`${whole}.${fraction}`);
  }
  if (typeof value === "number") return splitMicroseconds(String(value));
  return value instanceof LongNumber ? splitMicroseconds(value.digits) : null;
}

function rowId(value: unknown, texts: TextTable): RowId {
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return NO_ID;
    return value >= 0 ? value + 0 : wideId(String(value), texts);
  }
  const digits = value instanceof LongNumber ? value.digits : value;
  if (typeof digits === "string" && HEX_ID.test(digits)) return Number(digits);
  if (typeof digits !== "string" || !/^-?\d{1,40}$/.test(digits)) return NO_ID;
  const number = Number(digits);
  return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : wideId(digits, texts);
}

/** Minus one is how recorders write "none"; every other negative or wide id keeps its identity. */
function wideId(digits: string, texts: TextTable): RowId {
  return digits === "-1" ? NO_ID : -2 - texts.idOf(digits);
}

function count(value: unknown): number {
  if (value instanceof LongNumber) return Number(value.digits);
  if (typeof value === "string" && NUMERIC.test(value)) return Number(value) + 0;
  return typeof value === "number" ? value + 0 : Number.NaN;
}
