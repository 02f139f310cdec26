import { compareText } from "../../base/compare-text.ts";
import type { LockedPlace } from "../release-lock.ts";
import type { Checkout } from "./checkout.ts";
import { languageOf } from "./code-text.ts";
import { findSymbol } from "./find-symbol.ts";
import type { SourceNamer } from "./named-sources.ts";

/** A place that rules cite: its key in the lock of releases, and who cites it. */
interface CitedPlace {
  readonly path: string;
  readonly symbol: string | null;
  readonly rules: readonly string[];
}

/** What a release has of a place, with the rules and work models that cite it. */
export interface ReleasePlace extends CitedPlace, LockedPlace {}

/**
 * Looks up in the tree of a release all that rules cite of its repository, whatever commit they cite
 * it at. By key: "path#symbol", or "path".
 *
 * @param tree a checkout, or what the release's wheels unpack to.
 */
export async function releasePlaces(
  repo: string,
  namers: readonly SourceNamer[],
  tree: Checkout,
): Promise<ReadonlyMap<string, ReleasePlace>> {
  const cited = citedPlaces(repo, namers);
  const places = new Map<string, ReleasePlace>();
  const missing: [string, CitedPlace][] = [];
  for (const [key, place] of cited) {
    const source = await tree.open(place.path);
    const isThere =
      source !== null && (place.symbol === null || findSymbol(source, place.symbol) !== null);
    if (isThere) places.set(key, { ...place, state: "ok", at: null });
    else missing.push([key, place]);
  }
  const definers = await tree.definers(
    [...new Set(missing.flatMap(([, { symbol }]) => symbol ?? []))].sort(compareText),
  );
  for (const [key, place] of missing) {
    const at = nearest(place, definers.get(place.symbol ?? "") ?? []);
    if (at !== null) places.set(key, { ...place, state: "moved", at });
    else places.set(key, { ...place, state: tree.covers(place.path) ? "gone" : "unseen", at });
  }
  return places;
}

function citedPlaces(repo: string, namers: readonly SourceNamer[]): Map<string, CitedPlace> {
  const found = new Map<string, CitedPlace>();
  for (const { id, sources } of namers)
    for (const { repo: of, path, symbol, pr } of sources) {
      if (of !== repo || pr !== null) continue;
      const key = symbol === null ? path : `${path}#${symbol}`;
      const rules = new Set(found.get(key)?.rules ?? []).add(id);
      found.set(key, { path, symbol, rules: [...rules].sort(compareText) });
    }
  return found;
}

/** Of files in the same language the one nearest to where it was, as the repository has it; a wrapper of the same name is none. */
function nearest({ path }: CitedPlace, files: readonly string[]): string | null {
  const alike = files
    .filter((file) => languageOf(file) === languageOf(path))
    .map((file) => inRepository(path, file))
    .filter((file) => file !== path);
  alike.sort((a, b) => shared(b, path) - shared(a, path) || compareText(a, b));
  return alike[0] ?? null;
}

function shared(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** A file of a wheel with the folders in front that the wheel leaves out, told by a file of the same repository. */
function inRepository(known: string, file: string): string {
  const data = /^[^/]+\/data\/((?:csrc|include)\/.*)$/.exec(file);
  if (data !== null) return data[1]!;
  const [first] = file.split("/");
  const parts = known.split("/");
  const at = parts.slice(0, -1).indexOf(first!);
  return at <= 0 ? file : `${parts.slice(0, at).join("/")}/${file}`;
}
