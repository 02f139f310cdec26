/**
 * Columns of a digest's one table. A row fills those that its part has; the others are null, which
 * costs nothing in the file. `references/digest.md` says what each part fills.
 */
export const COLUMNS = {
  part: "STRING",
  trace: "STRING",
  build: "STRING",
  framework: "STRING",
  engine_version: "STRING",
  model: "STRING",
  gpu: "STRING",
  rules_digest: "STRING",
  rank: "INT32",
  stage: "STRING",
  name: "STRING",
  short_name: "STRING",
  category: "STRING",
  role: "STRING",
  state: "STRING",
  collective: "STRING",
  group_name: "STRING",
  key: "STRING",
  value: "STRING",
  source: "STRING",
  slot: "INT32",
  sequence: "INT32",
  position: "INT32",
  step: "INT32",
  launches: "INT32",
  duration_ns: "INT64",
  end_ns: "INT64",
  gpu_ns: "INT64",
  busy_ns: "INT64",
  idle_ns: "INT64",
  exposed_comm_ns: "INT64",
  experts_ns: "INT64",
  total_us: "DOUBLE",
  share_pct: "DOUBLE",
  avg_us: "DOUBLE",
  min_us: "DOUBLE",
  median_us: "DOUBLE",
  p10_us: "DOUBLE",
  p90_us: "DOUBLE",
  deviation_us: "DOUBLE",
  per_step_us: "DOUBLE",
  saves_us: "DOUBLE",
  json: "STRING",
} as const;

export type ColumnName = keyof typeof COLUMNS;
type Row = { readonly [K in ColumnName]?: string | number | null };

/** Rows by column; of the same length all. */
export class ColumnTable {
  readonly columns = new Map<ColumnName, (string | number | bigint | null)[]>();
  #constants: readonly [ColumnName, string | number | null][] = [];
  count = 0;

  constructor() {
    for (const name of Object.keys(COLUMNS) as ColumnName[]) this.columns.set(name, []);
  }

  /** What every row from here on has, unless it says otherwise. */
  repeat(row: Row): void {
    this.#constants = Object.entries(row) as [ColumnName, string | number | null][];
  }

  /** @throws {Error} for a time that is no whole nanosecond */
  push(row: Row): void {
    for (const [name, value] of this.#constants) this.#set(name, value);
    for (const [name, value] of Object.entries(row)) this.#set(name as ColumnName, value);
    this.count++;
  }

  #set(name: ColumnName, value: string | number | null): void {
    const column = this.columns.get(name)!;
    while (column.length < this.count) column.push(null);
    column[this.count] = typeof value === "number" ? numberOf(name, value) : value;
  }

  /** Every column to its full length. */
  finish(): ReadonlyMap<ColumnName, (string | number | bigint | null)[]> {
    for (const column of this.columns.values())
      while (column.length < this.count) column.push(null);
    return this.columns;
  }
}

function numberOf(name: ColumnName, value: number): number | bigint | null {
  if (Number.isNaN(value)) return null;
  if (COLUMNS[name] !== "INT64") return value;
  if (!Number.isSafeInteger(value)) throw new Error(`${name} of a digest: ${value} is no whole ns`);
  return BigInt(value);
}
