import { compareReleases } from "../base/release-order.ts";
import type { RuleText } from "./read-rule-texts.ts";

/**
 * Where a release of a repository has what rules cite, by what was looked up in it:
 * - ok: defined at the same place;
 * - moved: defined in the file `at`;
 * - gone: defined nowhere in the release;
 * - unseen: the release as it was looked at (a wheel) holds no file of that kind.
 */
type PlaceState = "ok" | "moved" | "gone" | "unseen";

export interface LockedPlace {
  readonly state: PlaceState;
  /** Moved only: the file that defines it now, as the repository has it. */
  readonly at: string | null;
}

/** A release in which sources of rules were looked up. */
interface LockedRelease {
  readonly version: string;
  /** "path#symbol", or "path" for a file that rules name without a symbol. */
  readonly places: ReadonlyMap<string, LockedPlace>;
}

/** By repository, oldest release first. */
export type ReleaseLock = ReadonlyMap<string, readonly LockedRelease[]>;

const HEAD = "repo\trelease\tplace\tstate\tat";
const STATES: readonly string[] = ["ok", "moved", "gone", "unseen"];

/**
 * `references/releases.tsv` as `rules lock --release` writes it: one place a line. Lines that say
 * nothing of the kind are passed over; what a line does not say is not known.
 */
export function parseReleases(text: RuleText | null): ReleaseLock {
  const found = new Map<string, Map<string, Map<string, LockedPlace>>>();
  for (const line of text?.text.split(/\r?\n/) ?? []) {
    const [repo, version, place, state, at] = line.split("\t");
    if (place === undefined || !STATES.includes(state ?? "")) continue;
    const versions = found.get(repo!) ?? new Map<string, Map<string, LockedPlace>>();
    found.set(repo!, versions);
    const places = versions.get(version!) ?? new Map<string, LockedPlace>();
    versions.set(version!, places);
    places.set(place, {
      state: state as PlaceState,
      at: at === undefined || at === "" ? null : at,
    });
  }
  return new Map(
    [...found].map(([repo, versions]) => [
      repo,
      [...versions]
        .map(([version, places]) => ({ version, places }))
        .sort((a, b) => compareReleases(a.version, b.version) ?? 0),
    ]),
  );
}

/** The file's text with one release's places instead of what it had of them; sorted, the same for the same places. */
export function withRelease(
  text: string,
  repo: string,
  version: string,
  places: ReadonlyMap<string, LockedPlace>,
): string {
  const kept = text
    .split(/\r?\n/)
    .filter((line) => line !== "" && line !== HEAD)
    .filter((line) => !line.startsWith(`${repo}\t${version}\t`));
  const made = [...places].map(([place, { state, at }]) =>
    [repo, version, place, state, at ?? ""].join("\t"),
  );
  return `${[HEAD, ...[...kept, ...made].sort()].join("\n")}\n`;
}
