import { linkSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keepInputs } from "../../src/cli/keep-inputs.ts";
import { diff } from "../../src/cli/triage/diff.ts";
import { ranks } from "../../src/cli/triage/ranks.ts";
import { triageTraces } from "../../src/cli/triage/triage.ts";
import { documentOf } from "../ingest/reading.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TERMINAL = {
  width: 80,
  colorOut: false,
  colorErr: false,
  isWatched: false,
  errorsAsJson: false,
};

const tidying = <T>(work: () => Promise<T>) => work();

test("an output that is an input under any name is refused", () => {
  const folder = temporaryFolder({ "trace.json": "t", "other.json": "o" });
  const path = join(folder, "trace.json");
  symlinkSync(path, join(folder, "link.json"));
  linkSync(path, join(folder, "hard.json"));
  for (const name of [
    "trace.json",
    "link.json",
    "hard.json",
    "./../".concat(folder.split("/").at(-1)!, "/trace.json"),
  ])
    expect(() => keepInputs(join(folder, name), [path])).toThrow(/which would be lost/);
  for (const name of ["other.json", "new.json", "."]) keepInputs(join(folder, name), [path]);
  keepInputs(null, [path]);
  keepInputs("-", [path]);
});

test("triage keeps its trace, named itself or found in a folder", async () => {
  const trace = documentOf([
    { ph: "X", cat: "kernel", name: "k", ts: 1, dur: 1, args: { device: 0, stream: 7 } },
  ]);
  const folder = temporaryFolder({
    "run/trace.json": trace,
    "rules/lib/a.fuse": 'fuse 1\nlet a = name "a"\n',
  });
  const path = join(folder, "run/trace.json");
  for (const input of [path, join(folder, "run")]) {
    const args = [input, "--output", path, "--rules-only", join(folder, "rules")];
    const context = { terminal: TERMINAL, signal: new AbortController().signal, tidying };
    await expect(triageTraces.run(args, context)).rejects.toMatchObject({
      code: "output/is-input",
      exit: 2,
    });
  }
  expect(readFileSync(path, "utf8")).toBe(trace);
});

test("diff and ranks keep theirs", async () => {
  const folder = temporaryFolder({ "a.json": "{}", "b.json": "{}" });
  const [a, b] = [join(folder, "a.json"), join(folder, "b.json")] as const;
  const context = { terminal: TERMINAL, signal: new AbortController().signal, tidying };
  for (const command of [diff, ranks])
    await expect(command.run([a, b, "--output", b], context)).rejects.toMatchObject({
      code: "output/is-input",
    });
});

test("a rule, policy or lock that is read is no output; what is new may lie beside them", () => {
  const rules = temporaryFolder({
    "lib/a.fuse": "",
    "policy/fuse.yaml": "",
    "sources.lock.yaml": "",
    "notes.md": "",
  });
  for (const file of ["lib/a.fuse", "policy/fuse.yaml", "sources.lock.yaml"])
    expect(() => keepInputs(join(rules, file), [], [rules])).toThrow("which would be lost");
  for (const file of ["notes.md", "lib/new.fuse", "report.json"])
    keepInputs(join(rules, file), [], [rules]);
});
