import { IS_BUILT, packageBytes } from "../../base/files/package-files.ts";
import type { TextId, TextTable } from "../columns/text-table.ts";
import { clearDetails, type EventRow } from "../events/event-row.ts";
import * as at from "../scan/row-layout.ts";
import { shortJson } from "./row-from-object.ts";

/** What src/ingest/scan exports. Addresses are signed to JavaScript: `>>> 0` makes them plain. */
interface ScanExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly rows: { readonly value: number };
  readonly rowCount: { readonly value: number };
  resizeWindow(old: number, bytes: number): number;
  scan(at: number, end: number): number;
}

const DOUBLE = Float64Array.BYTES_PER_ELEMENT;
const INTEGER = Int32Array.BYTES_PER_ELEMENT;

/** What a text means by its spelling, in the numbering of src/ingest/scan/texts.ts; null: nothing. */
const DECODERS: readonly ((raw: string) => string | null)[] = [plain, unescaped, normalised];

/** As much of the standard as is used here: Node's types do not have it. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** Compiled from src/ingest/scan by `npm run scan`; the build brings it into the bundles' folder. */
const CODE = IS_BUILT ? "dist/scan.wasm" : "src/ingest/scan.wasm";

let compiled: object | null = null;

/**
 * Runs the scanner of src/ingest/scan over bytes in its memory, for one file: it reads elements in
 * plain spelling into rows, and asks here for the ids of texts it meets for the first time.
 */
export class Scanner {
  /** Rows of the last batch. */
  rowCount = 0;
  readonly #texts: TextTable;
  readonly #code: ScanExports;
  #doubles = new Float64Array(0);
  #integers = new Int32Array(0);

  constructor(texts: TextTable) {
    this.#texts = texts;
    compiled ??= new WebAssembly.Module(packageBytes(CODE));
    const instance = new WebAssembly.Instance(compiled, {
      texts: {
        idOfText: (spelling: number, start: number, length: number) =>
          this.#idOfText(spelling, start >>> 0, length),
        idOfNumber: (value: number) => texts.idOf(String(value)),
      },
    });
    this.#code = instance.exports as ScanExports;
  }

  /** Its memory; another one whenever it has grown, and the one before is empty then. */
  get memory(): ArrayBuffer {
    return this.#code.memory.buffer;
  }

  /** Address of so many bytes to read from, moved from `old` (0 when there are none yet). */
  resizeWindow(old: number, bytes: number): number {
    return this.#code.resizeWindow(old, bytes) >>> 0;
  }

  /**
   * Reads elements, and the commas and blanks between them, into the next batch.
   *
   * @param start address between two elements.
   * @param end address behind the last byte, where a 0 stands.
   * @returns address of what it did not read: an element that is not for it or not whole, something
   *   else, or the next element when the batch is full.
   */
  scan(start: number, end: number): number {
    const next = this.#code.scan(start, end) >>> 0;
    this.rowCount = this.#code.rowCount.value;
    if (this.#doubles.buffer !== this.memory) {
      const rows = this.#code.rows.value >>> 0;
      const bytes = at.BATCH_ROWS * at.ROW_BYTES;
      this.#doubles = new Float64Array(this.memory, rows, bytes / DOUBLE);
      this.#integers = new Int32Array(this.memory, rows, bytes / INTEGER);
    }
    return next;
  }

  get isBatchFull(): boolean {
    return this.rowCount === at.BATCH_ROWS;
  }

  /** Copies a row of the last batch. Places are shifted, not divided: that takes half as long. */
  takeRow(index: number, row: EventRow): void {
    const doubles = this.#doubles;
    const integers = this.#integers;
    const address = index * at.ROW_BYTES;
    row.phase = integers[(address + at.PHASE_AT) >> 2]!;
    row.category = integers[(address + at.CATEGORY_AT) >> 2]!;
    row.name = integers[(address + at.NAME_AT) >> 2]!;
    row.pid = integers[(address + at.PID_AT) >> 2]!;
    row.tid = integers[(address + at.TID_AT) >> 2]!;
    row.ns = integers[(address + at.NS_AT) >> 2]!;
    row.us = doubles[(address + at.US_AT) >> 3]!;
    row.duration = doubles[(address + at.DURATION_AT) >> 3]!;
    row.correlation = doubles[(address + at.CORRELATION_AT) >> 3]!;
    row.externalId = doubles[(address + at.EXTERNAL_ID_AT) >> 3]!;
    if (integers[(address + at.HAS_DETAILS_AT) >> 2] === 1) this.#takeDetails(index, row);
    else if (row.hasDetails) clearDetails(row);
  }

  #takeDetails(index: number, row: EventRow): void {
    const doubles = this.#doubles;
    const integers = this.#integers;
    const address = index * at.ROW_BYTES;
    row.hasDetails = true;
    row.device = doubles[(address + at.DEVICE_AT) >> 3]!;
    row.bytes = doubles[(address + at.BYTES_AT) >> 3]!;
    row.graphId = doubles[(address + at.GRAPH_ID_AT) >> 3]!;
    row.graphNodeId = doubles[(address + at.GRAPH_NODE_ID_AT) >> 3]!;
    row.stream = integers[(address + at.STREAM_AT) >> 2]!;
    row.kernel = integers[(address + at.KERNEL_AT) >> 2]!;
    row.detail = integers[(address + at.DETAIL_AT) >> 2]!;
    row.label = integers[(address + at.LABEL_AT) >> 2]!;
    row.waitOnStream = integers[(address + at.WAIT_ON_AT) >> 2]!;
    row.grid = integers[(address + at.GRID_AT) >> 2]!;
    row.block = integers[(address + at.BLOCK_AT) >> 2]!;
    row.shapes = integers[(address + at.SHAPES_AT) >> 2]!;
    row.types = integers[(address + at.TYPES_AT) >> 2]!;
    row.strides = integers[(address + at.STRIDES_AT) >> 2]!;
    row.concrete = integers[(address + at.CONCRETE_AT) >> 2]!;
    row.collective = 0;
  }

  #idOfText(spelling: number, start: number, length: number): TextId {
    const text = DECODERS[spelling]!(Buffer.from(this.memory, start, length).toString());
    return text === null ? -1 : this.#texts.idOf(text);
  }
}

function plain(raw: string): string {
  return raw;
}

function unescaped(raw: string): string | null {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return null;
  }
}

function normalised(raw: string): string | null {
  try {
    return shortJson(JSON.parse(raw));
  } catch {
    return null;
  }
}
