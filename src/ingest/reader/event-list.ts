import type { TraceBuilder } from "../columns/trace-builder.ts";
import type { ByteWindow } from "./byte-window.ts";
import { cutValue, newCut } from "./cut-value.ts";
import { FastElement } from "./fast-element.ts";
import { isBlank, parsed, textOf } from "./json-bytes.ts";
import { rowFromObject } from "./row-from-object.ts";

const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE_LIST = 0x5d;

/**
 * Reads the elements of `traceEvents`, one after the other, as long as they are whole and valid:
 * in plain spelling straight from the bytes, otherwise by cutting them out and parsing them.
 */
export class EventList {
  private readonly builder: TraceBuilder;
  private readonly elements: FastElement;

  constructor(builder: TraceBuilder) {
    this.builder = builder;
    this.elements = new FastElement(builder.texts);
  }

  /**
   * Reads from the start of the window, which is between two elements.
   *
   * @returns where it stopped: at the end of the bytes, at the list's closing bracket, or at an
   *   element that is broken or goes on beyond the end.
   */
  read(window: ByteWindow): number {
    const { builder, elements } = this;
    const { row } = elements;
    const { bytes } = window;
    let at = window.start;
    for (;;) {
      let byte = bytes[at]!;
      while (byte === COMMA || isBlank(byte)) byte = bytes[++at]!;
      if (byte === OPEN) {
        const next = elements.read(window, at);
        if (next > 0) {
          builder.add(row);
          at = next;
          continue;
        }
      } else if (byte === CLOSE_LIST) return at;
      if (at >= window.end) return at;
      const next = this.readSlowly(window, at);
      if (next < 0) return at;
      at = next;
    }
  }

  /** @returns where the element at `at` ends, -1 when it is for somebody else. */
  private readSlowly(window: ByteWindow, at: number): number {
    const { builder } = this;
    const { row } = this.elements;
    const end = cutValue(newCut(), window.bytes, at, window.end);
    if (end < 0) return -1;
    const element = parsed(textOf(window.bytes, at, end));
    if (element === undefined) return -1;
    if (rowFromObject(row, element, builder.texts)) builder.add(row);
    else builder.addUnreadable();
    return end;
  }
}
