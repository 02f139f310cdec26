import { chmodSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { prepareDirectory } from "../../../src/capture/run/prepare-directory.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

test("a new folder is open to every user, also under a umask that closes it", async () => {
  const root = temporaryFolder({});
  const before = process.umask(0o077);
  try {
    await prepareDirectory(join(root, "a", "b"));
  } finally {
    process.umask(before);
  }
  expect(modeOf(join(root, "a", "b"))).toBe("1777");
  expect(modeOf(join(root, "a"))).toBe("755");
});

test("a new folder in one of a group keeps handing the group on", async () => {
  const root = temporaryFolder({});
  const shared = join(root, "shared");
  mkdirSync(shared);
  chmodSync(shared, 0o2770);
  await prepareDirectory(join(shared, "new"));
  expect([modeOf(shared), modeOf(join(shared, "new"))]).toEqual(["2770", "3777"]);
});

test("a folder that was there stays as it is, reached directly or through a link", async () => {
  const root = temporaryFolder({});
  const own = join(root, "own");
  mkdirSync(own);
  chmodSync(own, 0o750);
  symlinkSync(own, join(root, "link"));
  for (const path of [own, join(root, "link")]) {
    await prepareDirectory(path);
    expect(modeOf(own)).toBe("750");
  }
  await prepareDirectory(join(root, "link", "new"));
  expect([modeOf(own), modeOf(join(own, "new"))]).toEqual(["750", "1777"]);
});
