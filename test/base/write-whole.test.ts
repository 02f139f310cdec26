import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { writeFileWhole, writeWhole } from "../../src/base/files/write-whole.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("what stood there stays until the new text is whole, and when it never is", async () => {
  const folder = temporaryFolder({ "a.json": "old" });
  const path = join(folder, "a.json");
  const failing = writeWhole(path, () => {
    expect(readFileSync(path, "utf8")).toBe("old");
    throw new Error("disk full");
  });
  await expect(failing).rejects.toThrow("disk full");
  expect(readdirSync(folder)).toEqual(["a.json"]);
  expect(readFileSync(path, "utf8")).toBe("old");
  await writeFileWhole(path, "new");
  expect(readdirSync(folder)).toEqual(["a.json"]);
  expect(readFileSync(path, "utf8")).toBe("new");
});

test("a link stays one, and its file is replaced", async () => {
  const folder = temporaryFolder({ "real.txt": "old" });
  symlinkSync(join(folder, "real.txt"), join(folder, "link.txt"));
  await writeFileWhole(join(folder, "link.txt"), "new");
  expect(lstatSync(join(folder, "link.txt")).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, "real.txt"), "utf8")).toBe("new");
});

test("keeps the mode of what it replaces", async () => {
  const folder = temporaryFolder({ "a.json": "old" });
  const path = join(folder, "a.json");
  chmodSync(path, 0o640);
  await writeFileWhole(path, "new");
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test("a link to nowhere is neither replaced nor followed", async () => {
  const folder = temporaryFolder({});
  const path = join(folder, "link");
  symlinkSync(join(folder, "nowhere"), path);
  await expect(writeFileWhole(path, "new")).rejects.toThrow("a link to a file that does not exist");
  expect(readdirSync(folder)).toEqual(["link"]);
});

test("the temporary beside it has a name that nobody else has, however long its own is", async () => {
  const folder = temporaryFolder({});
  const path = join(folder, `${"ü".repeat(125)}.json`);
  const seen = new Set<string>();
  for (let turn = 0; turn < 2; turn++)
    await writeWhole(path, (place) => {
      seen.add(place);
      writeFileSync(place, "x");
    });
  expect(seen.size).toBe(2);
  expect(readdirSync(folder)).toEqual([basename(path)]);
});
