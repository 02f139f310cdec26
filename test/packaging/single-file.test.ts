import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { builtCommand, runCommand } from "../support/built-cli.ts";
import { temporaryFolder, temporaryFolderForAll } from "../support/temporary-folder.ts";

const TRIAGE = builtCommand("triage");
const EXAMPLE = resolve("examples/sglang-tp2-decode");
const canCarry = readFileSync(process.execPath).includes("NODE_SEA_FUSE_");
if (!canCarry)
  process.stderr.write("single file: this Node cannot carry a script; its tests are skipped\n");

describe.skipIf(!canCarry)("the single file", () => {
  const folder = temporaryFolderForAll();
  let file: string;
  beforeAll(() => {
    file = join(folder(), "one");
    execFileSync("npx", ["tsx", "scripts/single-file/build.ts", file], { stdio: "inherit" });
  });

  /** Where neither Node nor Python nor this checkout is to be found. */
  function run(args: readonly string[], home: string, env: Record<string, string> = {}) {
    const { status, stdout, stderr } = spawnSync(file, args, {
      cwd: folder(),
      encoding: "utf8",
      maxBuffer: 64 << 20,
      env: { PATH: "/nowhere", HOME: home, ...env },
    });
    return { code: status, out: stdout, err: stderr };
  }

  test("does what the package does, and unpacks once", () => {
    const home = temporaryFolder({});
    const args = [EXAMPLE, "--format", "json"];
    const { code, out, err } = run(args, home);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const printed = JSON.parse(runCommand(TRIAGE, args).out);
    const { rules, ...rest } = JSON.parse(out);
    expect(rest).toEqual({ ...printed, rules: undefined });
    expect(rules.digest).toBe(printed.rules.digest);
    const cache = join(home, ".cache/fuse-triage");
    const [version, ...more] = readdirSync(cache);
    expect(more).toEqual([]);
    const unpacked = statSync(join(cache, version!)).mtimeMs;
    expect(run(["rules", "test", "fi-allreduce-rmsnorm-fp8-quant"], home)).toMatchObject({
      code: 0,
      err: "",
    });
    expect(statSync(join(cache, version!)).mtimeMs).toBe(unpacked);
  });

  test("runs ranks in threads, and tells errors and exit codes", () => {
    const home = temporaryFolder({});
    expect(run([EXAMPLE, "--all-ranks", "--jobs", "2"], home)).toMatchObject({ code: 0, err: "" });
    const { code, err } = run(["no-such-trace"], home);
    expect(code).toBe(3);
    expect(err).toContain("no-such-trace does not exist");
  });

  test("leaves nothing behind where there is no cache to trust", () => {
    const tmp = temporaryFolder({});
    const home = temporaryFolder({ ".cache": "a file" });
    const shared = temporaryFolder({});
    mkdirSync(join(shared, "fuse-triage"));
    chmodSync(join(shared, "fuse-triage"), 0o777);
    for (const env of [{}, { XDG_CACHE_HOME: shared }]) {
      expect(run(["--version"], home, { TMPDIR: tmp, ...env })).toMatchObject({ code: 0, err: "" });
      expect(readdirSync(tmp)).toEqual([]);
    }
    expect(readdirSync(join(shared, "fuse-triage"))).toEqual([]);
  });
});
