/** What a collective moves over the links, at least. */
export interface CollectiveWork {
  readonly name: string;
  /** Bytes of the larger of the two buffers. */
  readonly message: number;
  readonly group: number;
  /** Bytes each GPU must send. */
  readonly bytes: number;
}

/**
 * Share of the message that has to pass each GPU's link, by group size: the factors by which
 * nccl-tests turns algorithm bandwidth into bus bandwidth.
 */
const FACTORS: readonly (readonly [words: RegExp, factor: (n: number) => number])[] = [
  [/all_?reduce/i, (n) => (2 * (n - 1)) / n],
  [/all_?gather|reduce_?scatter|all_?to_?all/i, (n) => (n - 1) / n],
  [/broadcast|reduce|send|recv|gather|scatter/i, () => 1],
];

const BYTES: Readonly<Record<string, number>> = {
  Float: 4,
  Double: 8,
  Half: 2,
  BFloat16: 2,
  Int: 4,
  Long: 8,
  Short: 2,
  Byte: 1,
  Char: 1,
  Bool: 1,
  Float8_e4m3fn: 1,
  Float8_e5m2: 1,
};

/** Share of the message that passes each link; null for what is no collective of several GPUs. */
function collectiveFactor(name: string, group: number): number | null {
  if (!(group > 1)) return null;
  return FACTORS.find(([words]) => words.test(name))?.[1](group) ?? null;
}

/**
 * @param bytes of the buffer a rank gives; what is gathered is as many times larger as there are ranks.
 * @returns null for a name that is no collective's, and where it is alone.
 */
export function annotatedCollectiveWork(
  name: string,
  bytes: number,
  group: number,
): CollectiveWork | null {
  const factor = collectiveFactor(name, group);
  if (factor === null) return null;
  const message = /all_?gather/i.test(name) ? bytes * group : bytes;
  return { name, message, group, bytes: message * factor };
}

/** @param json a collective's own arguments as recorded. Null where one that is needed is missing. */
export function collectiveWork(json: string): CollectiveWork | null {
  const args = JSON.parse(json) as Record<string, unknown>;
  const name = String(args["Collective name"] ?? "");
  const size = BYTES[String(args.dtype ?? "")];
  const elements = Math.max(Number(args["In msg nelems"]), Number(args["Out msg nelems"]));
  const group = Number(args["Group size"]);
  const factor = collectiveFactor(name, group);
  if (size === undefined || factor === null || !(elements > 0)) return null;
  const message = elements * size;
  return { name, message, group, bytes: message * factor };
}
