import { COMMA, isBlank, OPEN } from "./bytes.ts";
import { readElement } from "./element.ts";
import { BATCH_ROWS, ROW_BYTES } from "./row-layout.ts";

/** Address of the rows of a batch. */
export const rows: usize = heap.alloc(BATCH_ROWS * ROW_BYTES);
/** How many the last batch has. */
export let rowCount: i32 = 0;

/** Address of so many bytes to read from, moved from `old` (0 when there are none yet). */
export function resizeWindow(old: usize, bytes: usize): usize {
  return old === 0 ? heap.alloc(bytes) : heap.realloc(old, bytes);
}

/**
 * Reads elements and the commas and blanks between them into the batch, until it is full or there
 * is something else.
 *
 * @param at address between two elements.
 * @param end address behind the last byte, where a 0 stands.
 * @returns address of what was not read.
 */
export function scan(at: usize, end: usize): usize {
  rowCount = 0;
  while (rowCount < BATCH_ROWS) {
    let byte = load<u8>(at);
    while (byte === COMMA || isBlank(byte)) byte = load<u8>(++at);
    if (byte !== OPEN) break;
    const next = readElement(at, end, rows + rowCount * ROW_BYTES);
    if (next === 0) break;
    at = next;
    rowCount++;
  }
  return at;
}
