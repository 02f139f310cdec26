import { clearDetails, type EventRow } from "../columns/event-row.ts";
import type { TextId, TextTable } from "../columns/text-table.ts";
import * as at from "../scan/row-layout.ts";
import { shortJson } from "./row-from-object.ts";
import { SCAN_CODE } from "./scan-code.ts";

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

let compiled: object | null = null;

/**
 * Runs the scanner of src/ingest/scan over bytes in its memory, for one file: it reads elements in
 * plain spelling into rows, and asks here for the ids of texts it meets for the first time.
 */
export class Scanner {
  /** Rows of the last batch. */
  rowCount = 0;
  private readonly texts: TextTable;
  private readonly code: ScanExports;
  private doubles = new Float64Array(0);
  private integers = new Int32Array(0);

  constructor(texts: TextTable) {
    this.texts = texts;
    compiled ??= new WebAssembly.Module(Buffer.from(SCAN_CODE, "base64"));
    const instance = new WebAssembly.Instance(compiled, {
      texts: {
        idOfText: (spelling: number, start: number, length: number) =>
          this.idOfText(spelling, start >>> 0, length),
        idOfNumber: (value: number) => texts.idOf(String(value)),
      },
    });
    this.code = instance.exports as ScanExports;
  }

  /** Its memory; another one whenever it has grown, and the one before is empty then. */
  get memory(): ArrayBuffer {
    return this.code.memory.buffer;
  }

  /** Address of so many bytes to read from, moved from `old` (0 when there are none yet). */
  resizeWindow(old: number, bytes: number): number {
    return this.code.resizeWindow(old, bytes) >>> 0;
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
    const next = this.code.scan(start, end) >>> 0;
    this.rowCount = this.code.rowCount.value;
    if (this.doubles.buffer !== this.memory) {
      const rows = this.code.rows.value >>> 0;
      const bytes = at.BATCH_ROWS * at.ROW_BYTES;
      this.doubles = new Float64Array(this.memory, rows, bytes / DOUBLE);
      this.integers = new Int32Array(this.memory, rows, bytes / INTEGER);
    }
    return next;
  }

  get isBatchFull(): boolean {
    return this.rowCount === at.BATCH_ROWS;
  }

  /** Copies a row of the last batch. */
  takeRow(index: number, row: EventRow): void {
    const { doubles, integers } = this;
    const double = index * (at.ROW_BYTES / DOUBLE);
    const integer = index * (at.ROW_BYTES / INTEGER);
    row.phase = integers[integer + at.PHASE_AT / INTEGER]!;
    row.category = integers[integer + at.CATEGORY_AT / INTEGER]!;
    row.name = integers[integer + at.NAME_AT / INTEGER]!;
    row.pid = integers[integer + at.PID_AT / INTEGER]!;
    row.tid = integers[integer + at.TID_AT / INTEGER]!;
    row.ns = integers[integer + at.NS_AT / INTEGER]!;
    row.us = doubles[double + at.US_AT / DOUBLE]!;
    row.duration = doubles[double + at.DURATION_AT / DOUBLE]!;
    row.correlation = doubles[double + at.CORRELATION_AT / DOUBLE]!;
    row.externalId = doubles[double + at.EXTERNAL_ID_AT / DOUBLE]!;
    if (integers[integer + at.HAS_DETAILS_AT / INTEGER] === 1) this.takeDetails(index, row);
    else if (row.hasDetails) clearDetails(row);
  }

  private takeDetails(index: number, row: EventRow): void {
    const { doubles, integers } = this;
    const double = index * (at.ROW_BYTES / DOUBLE);
    const integer = index * (at.ROW_BYTES / INTEGER);
    row.hasDetails = true;
    row.device = doubles[double + at.DEVICE_AT / DOUBLE]!;
    row.bytes = doubles[double + at.BYTES_AT / DOUBLE]!;
    row.graphId = doubles[double + at.GRAPH_ID_AT / DOUBLE]!;
    row.graphNodeId = doubles[double + at.GRAPH_NODE_ID_AT / DOUBLE]!;
    row.stream = integers[integer + at.STREAM_AT / INTEGER]!;
    row.kernel = integers[integer + at.KERNEL_AT / INTEGER]!;
    row.detail = integers[integer + at.DETAIL_AT / INTEGER]!;
    row.label = integers[integer + at.LABEL_AT / INTEGER]!;
    row.waitOnStream = integers[integer + at.WAIT_ON_AT / INTEGER]!;
    row.grid = integers[integer + at.GRID_AT / INTEGER]!;
    row.block = integers[integer + at.BLOCK_AT / INTEGER]!;
    row.shapes = integers[integer + at.SHAPES_AT / INTEGER]!;
    row.types = integers[integer + at.TYPES_AT / INTEGER]!;
    row.collective = 0;
  }

  private idOfText(spelling: number, start: number, length: number): TextId {
    const text = DECODERS[spelling]!(Buffer.from(this.memory, start, length).toString());
    return text === null ? -1 : this.texts.idOf(text);
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
