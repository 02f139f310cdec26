import type { TraceBuilder } from "../columns/trace-builder.ts";
import { newEventRow } from "../events/event-row.ts";
import type { ByteWindow } from "./byte-window.ts";
import { cutValue, newCut } from "./cut-value.ts";
import { parsed, textOf } from "./json-bytes.ts";
import { rowFromObject, USED_MEMBERS } from "./row-from-object.ts";
import { salvageElement } from "./salvage.ts";
import type { Scanner } from "./scanner.ts";

const CLOSE_LIST = 0x5d;

/**
 * Reads the elements of `traceEvents`, one after the other, as long as they are whole and valid:
 * in plain spelling straight from the bytes, otherwise by cutting them out and parsing them.
 */
export class EventList {
  readonly #builder: TraceBuilder;
  readonly #scanner: Scanner;
  readonly #row = newEventRow();

  constructor(builder: TraceBuilder, scanner: Scanner) {
    this.#builder = builder;
    this.#scanner = scanner;
  }

  /**
   * Reads from the start of the window, which is between two elements.
   *
   * @returns where it stopped: at the end of the bytes, at the list's closing bracket, or at an
   *   element that is broken or goes on beyond the end.
   */
  read(window: ByteWindow): number {
    const scanner = this.#scanner;
    let at = window.start;
    for (;;) {
      at = window.scan(at);
      this.#addBatch();
      if (scanner.isBatchFull) continue;
      if (at >= window.end || window.bytes[at] === CLOSE_LIST) return at;
      const next = this.#readSlowly(window, at);
      if (next < 0) return at;
      at = next;
    }
  }

  /**
   * Adds what can be read of the broken element between two places.
   *
   * @returns whether nothing was lost that the program uses.
   */
  salvage(window: ByteWindow, from: number, to: number): boolean {
    const builder = this.#builder;
    const row = this.#row;
    const salvage = salvageElement(textOf(window.bytes, from, to));
    if (salvage === null || !rowFromObject(row, salvage.element, builder.texts)) {
      builder.addUnreadable();
      return false;
    }
    const lost = salvage.lost.filter((key) => USED_MEMBERS.has(key));
    return builder.addSalvaged(row, lost);
  }

  #addBatch(): void {
    const builder = this.#builder;
    const scanner = this.#scanner;
    const row = this.#row;
    for (let i = 0; i < scanner.rowCount; i++) {
      scanner.takeRow(i, row);
      builder.add(row);
    }
  }

  /** @returns where the element at `at` ends, -1 when it is for somebody else. */
  #readSlowly(window: ByteWindow, at: number): number {
    const builder = this.#builder;
    const row = this.#row;
    const end = cutValue(newCut(), window.bytes, at, window.end);
    if (end < 0) return -1;
    const element = parsed(textOf(window.bytes, at, end));
    if (element === undefined) return -1;
    if (rowFromObject(row, element, builder.texts)) builder.add(row);
    else builder.addUnreadable();
    return end;
  }
}
