import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { walkTree } from "../../src/base/files/walk-tree.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const all = () => true;

test("stays in the tree, enters each folder once, and tells what it leaves", async () => {
  const outside = temporaryFolder({ "secret.json": "{}" });
  const root = temporaryFolder({ "b/x.json": "{}", "a.json": "{}", "c/d/e/deep.json": "{}" });
  symlinkSync(outside, join(root, "out"));
  symlinkSync(root, join(root, "b/again"));
  symlinkSync(join(outside, "secret.json"), join(root, "file.json"));
  const { files, left } = await walkTree(root, 2, all);
  expect(files.map(({ relative }) => relative)).toEqual(["a.json", "b/x.json", "file.json"]);
  expect(left).toEqual([
    { path: join(root, "c/d/e"), reason: "lies more than 2 folders deep" },
    { path: join(root, "out"), reason: "a link out of the folder; name it to have it read" },
  ]);
});

test("ends at a number of entries and says so", async () => {
  const root = temporaryFolder({ a: "", b: "", c: "", d: "" });
  const { files, left } = await walkTree(root, 2, all, 3);
  expect(files).toHaveLength(3);
  expect(left).toEqual([
    { path: root, reason: "holds more than 3 entries; the others were not looked at" },
  ]);
});
