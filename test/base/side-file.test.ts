import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSideText, readSideTextIfAny } from "../../src/base/files/side-file.ts";
import { UnfitFile } from "../../src/base/regular-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("a file beside traces or rules", () => {
  test("is read whole, also where the kernel tells no size", () => {
    const folder = temporaryFolder({ "a.yaml": "x".repeat(10_000) });
    expect(readSideText(join(folder, "a.yaml"))).toHaveLength(10_000);
    expect(readSideText("/proc/self/status")).toContain("Pid:");
  });

  test.each([
    ["/dev/zero", "is a device, no regular file"],
    ["/dev", "is a folder, no regular file"],
    ["/no/such/file", "does not exist"],
    [`/${"x".repeat(300)}`, "has a name longer than the file system allows"],
  ])("%s is told", (path, what) => {
    expect(() => readSideText(path)).toThrow(`${path} ${what}`);
  });

  test("a pipe is not waited for", () => {
    const folder = temporaryFolder({});
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    expect(() => readSideText(path)).toThrow("is a pipe");
  });

  test("one that is too large is not read, nor one that links to itself", () => {
    const folder = temporaryFolder({ "large.json": "x".repeat(2_000) });
    expect(() => readSideText(join(folder, "large.json"), 1_000)).toThrow("larger than 1000 bytes");
    symlinkSync("loop", join(folder, "loop"));
    expect(() => readSideText(join(folder, "loop"))).toThrow("a link that leads to itself");
  });

  test("that need not be there is null, and every other trouble is told", () => {
    const folder = temporaryFolder({});
    expect(readSideTextIfAny(join(folder, "no.yaml"))).toBeNull();
    writeFileSync(join(folder, "file"), "");
    expect(() => readSideTextIfAny(folder)).toThrow(UnfitFile);
  });
});
