import { gunzipSync, gzipSync } from "node:zlib";
import { type AsyncBuffer, parquetMetadata, parquetScan } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { COLUMNS, type ColumnName, type ColumnTable } from "./columns.ts";

/** Key in the footer that holds what a file says of itself. */
const HEAD_KEY = "fuse_triage.digest";

/** Small integers close to each other: times, counters. */
const DELTAS: ReadonlySet<string> = new Set(["INT64", "INT32"]);

/** The table as a Parquet file: the same table gives the same bytes. */
export function parquetOf(table: ColumnTable, head: unknown): Uint8Array {
  const file = parquetWriteBuffer({
    columnData: [...table.finish()].map(([name, data]) => {
      const type = COLUMNS[name];
      return {
        ...{ name, data, type, nullable: true, offsetIndex: false },
        ...(DELTAS.has(type) ? { encoding: "DELTA_BINARY_PACKED" as const } : {}),
      };
    }),
    codec: "GZIP",
    compressors: { GZIP: (bytes) => gzipSync(bytes, { level: 9 }) },
    rowGroupSize: Math.max(1, table.count),
    kvMetadata: [{ key: HEAD_KEY, value: JSON.stringify(head) }],
    createdBy: "fuse-triage",
  });
  return new Uint8Array(file);
}

/** A Parquet file's head and columns, these read when asked for. */
export interface OpenedParquet {
  /** What {@link parquetOf} was given; null where the file is somebody else's. */
  readonly head: unknown;
  readonly rows: number;
  column(name: ColumnName, from: number, to: number): Promise<ArrayLike<unknown>>;
}

/** @throws {Error} for what is no whole Parquet file */
export function openParquet(bytes: Uint8Array): OpenedParquet {
  const buffer = bytes.buffer.slice(
    bytes.byteOffset,
    bytes.byteOffset + bytes.byteLength,
  ) as ArrayBuffer;
  const file: AsyncBuffer = {
    byteLength: buffer.byteLength,
    slice: (start, end) => buffer.slice(start, end),
  };
  const metadata = parquetMetadata(buffer);
  const told = metadata.key_value_metadata?.find(({ key }) => key === HEAD_KEY)?.value;
  return {
    head: told === undefined ? null : JSON.parse(told),
    rows: Number(metadata.num_rows),
    async column(name, from, to) {
      if (from === to) return [];
      const scan = await parquetScan({
        ...{ file, metadata, columns: [name], rowStart: from, rowEnd: to, useOffsetIndex: false },
        compressors: { GZIP: (input) => new Uint8Array(gunzipSync(input)) },
      });
      const values: unknown[] = [];
      for (const range of scan.ranges) {
        const part = await scan.readColumn({ column: name, ...range });
        for (let at = 0; at < part.length; at++) values.push(part[at]);
      }
      return values;
    },
  };
}
