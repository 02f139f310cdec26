import { lstatSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeFileWhole, writeWhole } from "../../src/base/write-whole.ts";
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
