import fc from "fast-check";
import { randomDocument } from "../ingest/random-documents.ts";
import type { Case } from "./judge.ts";
import { BREAKING_MUTATIONS, mutateBytes, WHOLE_MUTATIONS } from "./mutations.ts";
import type { Random } from "./random.ts";

export type Kind = (random: Random, documents: readonly string[]) => Case;

const GENERATED = randomDocument({ nan: true });

/** Every kind of document the readers are tried on, by name. */
export const KINDS: Readonly<Record<string, Kind>> = {
  generated: (random) => chunked(generated(random), random),
  ...Object.fromEntries(
    Object.entries(WHOLE_MUTATIONS).map(([name, mutate]) => [
      `whole: ${name}`,
      (random: Random, documents: readonly string[]) =>
        chunked(mutate(start(random, documents), random), random),
    ]),
  ),
  "whole: several": (random, documents) => {
    let text = start(random, documents);
    const mutations = Object.values(WHOLE_MUTATIONS);
    for (let i = 0; i < 4; i++) text = random.pick(mutations)(text, random);
    return chunked(text, random);
  },
  cut: (random, documents) => {
    const bytes = Buffer.from(
      random.chance(0.5) ? start(random, documents) : generatedPlain(random),
    );
    return { ...chunked(bytes.subarray(0, random.below(bytes.length)), random), isCut: true };
  },
  ...Object.fromEntries(
    Object.entries(BREAKING_MUTATIONS).map(([name, mutate]) => [
      `broken: ${name}`,
      (random: Random, documents: readonly string[]) =>
        chunked(mutate(either(random, documents), random), random),
    ]),
  ),
  "broken: bytes": (random, documents) =>
    chunked(mutateBytes(Buffer.from(either(random, documents)), random), random),
  "broken: several": (random, documents) => {
    let text = either(random, documents);
    const mutations = [...Object.values(BREAKING_MUTATIONS), ...Object.values(WHOLE_MUTATIONS)];
    for (let i = 0; i < 3; i++) text = random.pick(mutations)(text, random);
    return chunked(text.slice(0, 200_000), random);
  },
  "one byte at a time": (random, documents) => {
    const bytes = Buffer.from(generated(random) || start(random, documents));
    return { bytes, places: Array.from({ length: bytes.length }, (_, i) => i) };
  },
};

function start(random: Random, documents: readonly string[]): string {
  return random.pick(documents);
}

function either(random: Random, documents: readonly string[]): string {
  return random.chance(0.5) ? start(random, documents) : generated(random);
}

function generated(random: Random): string {
  return fc.sample(GENERATED, { seed: random.below(2 ** 31), numRuns: 1 })[0]!;
}

/** Without NaN, whose front half is no cut word. */
function generatedPlain(random: Random): string {
  return fc.sample(PLAIN, { seed: random.below(2 ** 31), numRuns: 1 })[0]!;
}
const PLAIN = randomDocument({ nan: false });

function chunked(document: string | Uint8Array, random: Random): Case {
  const bytes = typeof document === "string" ? Buffer.from(document) : document;
  return { bytes, places: random.places(bytes.length, random.below(6)) };
}
