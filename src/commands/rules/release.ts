import { checkContext } from "../../dsl/checks/check.ts";
import { loadTexts } from "../../dsl/load-rules.ts";
import { openCheckout } from "../../dsl/lock/checkout.ts";
import { namersOf } from "../../dsl/lock/named-sources.ts";
import { type ReleasePlace, releasePlaces } from "../../dsl/lock/release-places.ts";
import { readRuleTexts } from "../../dsl/read-rule-texts.ts";
import { withRelease } from "../../dsl/release-lock.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { Rule } from "../../model/rule.ts";

/** What one release has of all that the rules cite. */
export interface VerifiedRelease {
  readonly repo: string;
  readonly version: string;
  /** By "path#symbol" or "path". */
  readonly places: ReadonlyMap<string, ReleasePlace>;
  /** Rules whose every place in the repository the release is without, by id. */
  readonly lost: readonly string[];
}

export interface VerifiedReleases {
  readonly releases: readonly VerifiedRelease[];
  /** Where the lock of releases lies, or would. */
  readonly file: string;
  /** Its text after what was found. */
  readonly updated: string;
  readonly isCurrent: boolean;
}

/**
 * Looks up in releases what the rules cite: the trees may be checkouts or what wheels unpack to. The
 * commits of the source lock stay what they are.
 *
 * @param versions repository → release.
 * @param checkouts repository → folder; one for each release.
 * @throws {TriageError} rules/unreadable, lock/missing, lock/no-checkout.
 */
export async function verifyReleases(
  root: string,
  versions: ReadonlyMap<string, string>,
  checkouts: ReadonlyMap<string, string>,
): Promise<VerifiedReleases> {
  const texts = readRuleTexts(root);
  const loaded = loadTexts(root, texts);
  if (texts.lock === null || loaded.lock === null) throw noLock(root);
  const { rules } = checkContext(loaded, null, null);
  const namers = namersOf(rules, loaded.works, loaded.ruleSet.works);
  const releases: VerifiedRelease[] = [];
  const before = texts.releases?.text ?? "";
  let updated = before;
  for (const [repo, version] of versions) {
    const places = await releasePlaces(repo, namers, await openCheckout(checkouts.get(repo)!));
    updated = withRelease(updated, repo, version, places);
    const lost = rules.filter(({ rule }) => isLost(rule, repo, places)).map(({ rule }) => rule.id);
    releases.push({ repo, version, places, lost });
  }
  return {
    releases,
    file: texts.releases?.file ?? texts.lock.file.replace(/[^/]*$/, "releases.tsv"),
    updated,
    isCurrent: updated === before,
  };
}

function isLost(
  { sources }: Rule,
  repo: string,
  places: ReadonlyMap<string, ReleasePlace>,
): boolean {
  const mine = sources.filter((source) => source.repo === repo && source.pr === null);
  return (
    mine.length > 0 &&
    mine.every(({ path, symbol }) => {
      const key = symbol === null ? path : `${path}#${symbol}`;
      return places.get(key)?.state === "gone";
    })
  );
}

const noLock = (root: string): TriageError =>
  new TriageError({
    code: "lock/missing",
    exit: EXIT.rulesInvalid,
    message: "There is no source lock that can be read.",
    place: root,
    hint: "`rules lint` tells what is wrong with it",
  });
