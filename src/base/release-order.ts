/**
 * What a release is called: "0.5.23", "v0.33.0", "0.6.0rc1", "1.2.0.post1", "0.5.24.dev3+g1a2b3c".
 * Letters, digits and dots as PEP 440 has them; no epochs.
 */
const RELEASE =
  /^v?(\d+(?:\.\d+)+)(?:[-._]?(a|b|rc|dev|post)[-._]?(\d*))?(?:[-._]?dev\d*)?(?:\+\S*)?$/i;

/** Before and after the release itself. */
const RANKS: Readonly<Record<string, number>> = { dev: -4, a: -3, b: -2, rc: -1, post: 1 };

export const isRelease = (text: string): boolean => RELEASE.test(text);

/**
 * Order of two releases as Python's packages have it, missing parts as zero; null where one of them
 * is none (a commit, "unknown").
 */
export function compareReleases(left: string, right: string): number | null {
  const [a, b] = [partsOf(left), partsOf(right)];
  if (a === null || b === null) return null;
  for (let index = 0; index < Math.max(a.numbers.length, b.numbers.length); index++) {
    const difference = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.rank - b.rank || a.serial - b.serial;
}

function partsOf(text: string) {
  const [, numbers, phase, serial] = RELEASE.exec(text) ?? [];
  if (numbers === undefined) return null;
  // A build between two releases ("0.5.24.dev3") comes before the later one.
  const named = phase?.toLowerCase() ?? (/dev\d*(?:\+\S*)?$/i.test(text) ? "dev" : null);
  return {
    numbers: numbers.split(".").map(Number),
    rank: named === null ? 0 : RANKS[named]!,
    serial: Number(serial ?? 0) || 0,
  };
}
