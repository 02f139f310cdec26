import { startDocuments } from "./documents.ts";
import { type Case, judge } from "./judge.ts";
import { KINDS } from "./kinds.ts";
import { minimised } from "./minimise.ts";
import { caseSeed, Random } from "./random.ts";

export interface Failure {
  readonly kind: string;
  readonly index: number;
  readonly message: string;
  /** The smallest input found that fails likewise, as a JSON text. */
  readonly input: string;
}

export interface FuzzResult {
  /** Cases by kind and by what they turned out to be. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly failures: readonly Failure[];
}

export interface FuzzOptions {
  readonly cases: number;
  readonly seed: number;
  /** Only kinds whose name contains this. */
  readonly only?: string;
  /** Number of the first case, to repeat one. */
  readonly from?: number;
  readonly onProgress?: (done: number) => void;
}

/** Runs cases of all kinds in turn; a failure is made small and does not stop the others. */
export async function fuzzReaders(options: FuzzOptions): Promise<FuzzResult> {
  const documents = startDocuments();
  const kinds = Object.keys(KINDS).filter((kind) => kind.includes(options.only ?? ""));
  const counts: Record<string, Record<string, number>> = {};
  const failures: Failure[] = [];
  const first = options.from ?? 0;
  for (let index = first; index < first + options.cases; index++) {
    const kind = kinds[index % kinds.length]!;
    const made = KINDS[kind]!(new Random(caseSeed(options.seed, index)), documents);
    counts[kind] ??= {};
    const ofKind = counts[kind]!;
    try {
      const tally = await judge(made);
      ofKind[tally] = (ofKind[tally] ?? 0) + 1;
    } catch (error) {
      ofKind.failed = (ofKind.failed ?? 0) + 1;
      if (failures.length < 20) failures.push(await failure(kind, index, made, error));
    }
    options.onProgress?.(index - first + 1);
  }
  return { counts, failures };
}

async function failure(kind: string, index: number, made: Case, error: unknown): Promise<Failure> {
  const small = await minimised(made.bytes, (bytes) => failsLikewise({ ...made, bytes }, error));
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind, index, message, input: JSON.stringify(Buffer.from(small).toString("latin1")) };
}

/** The same sort of error, so that what is left over is the cause of this one. */
async function failsLikewise(given: Case, like: unknown): Promise<boolean> {
  const { bytes } = given;
  const places = given.places.map((place) => Math.min(place, bytes.length));
  try {
    await judge({ ...given, places, isCut: false });
    return false;
  } catch (error) {
    return sortOf(error) === sortOf(like);
  }
}

function sortOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.slice(0, 22)}` : String(error);
}
