import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SAMPLE = ["--import", "tsx", "test/cli/sample-program.ts"];
const LINE = `${"x".repeat(79)}\n`;

interface Ending {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(...args: string[]): Ending {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...SAMPLE, ...args], {
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

/** The sample program within a shell line, where it is written as $SAMPLE. */
function shell(line: string): Ending {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", `set -o pipefail; ${line}`], {
    encoding: "utf8",
    env: { ...process.env, SAMPLE: [process.execPath, ...SAMPLE].join(" ") },
  });
  return { code: status, out: stdout, err: stderr };
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on("close", resolve));
}

describe("the exit code", () => {
  test.each([
    ["write", 0],
    ["fail", 1],
    ["refuse", 6],
    ["break", 70],
  ])("of %s is %d", (command, code) => {
    expect(run(command).code).toBe(code);
  });
});

describe("stdout is for results, stderr for remarks", () => {
  test("an error of the input is four lines on stderr", () => {
    expect(run("refuse")).toEqual({ code: 6, out: "", err: "error: No.\n  do: stop\n  (a/b)\n" });
  });

  test("a fault of ours prints its stack there", () => {
    const { out, err } = run("break");
    expect(out).toBe("");
    expect(err).toMatch(/^error: unexpected failure\n {2}TypeError: row is undefined\n {6}at /);
  });
});

describe("which command", () => {
  test("--help lists them where none is meant by default", () => {
    const { code, out } = run("--help");
    expect(code).toBe(0);
    expect(out).toContain("Usage\n  sample COMMAND [options]");
    expect(out).toContain("  refuse  for tests");
  });

  test("--help after one is its own page", () => {
    expect(run("write", "--help")).toEqual({
      code: 0,
      out: "Usage\n  sample\n\nhelp of it\n",
      err: "",
    });
  });

  test("--version is the package's", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(run("--version").out).toBe(`fuse-triage ${version}\n`);
  });

  test.each([
    ["wirte", 'No command or file "wirte". Did you mean write?'],
    ["nonsense", 'No command "nonsense"; there are write, refuse, break, fail, wait, work, half.'],
  ])("%s is refused", (name, message) => {
    const { code, err } = run(name);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe("a closed pipe", () => {
  test("ends quietly and well", () => {
    expect(shell("$SAMPLE write 100000 | head -1")).toEqual({ code: 0, out: LINE, err: "" });
  });

  test("of stderr does not change the exit code", () => {
    expect(shell("$SAMPLE refuse 2>&-").code).toBe(6);
  });
});

test("a full device behind stdout is told", () => {
  const { code, err } = shell("$SAMPLE write 1 > /dev/full");
  expect(code).toBe(2);
  expect(err).toContain("The report could not be written: no space left on the device.");
  expect(err).toContain("  at standard output\n");
});

describe("--output", () => {
  test("replaces a file as a whole", () => {
    const folder = temporaryFolder({ "report.txt": "old" });
    const { code, out } = run("write", "2", join(folder, "report.txt"));
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(readFileSync(join(folder, "report.txt"), "utf8")).toBe(LINE.repeat(2));
    expect(readdirSync(folder)).toEqual(["report.txt"]);
  });

  test("replaces what a link points to, not the link", () => {
    const folder = temporaryFolder({ "real.txt": "old" });
    symlinkSync(join(folder, "real.txt"), join(folder, "link.txt"));
    run("write", "1", join(folder, "link.txt"));
    expect(lstatSync(join(folder, "link.txt")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "real.txt"), "utf8")).toBe(LINE);
  });

  test("that is a link to nowhere is told", () => {
    const folder = temporaryFolder({});
    symlinkSync(join(folder, "nowhere"), join(folder, "link.txt"));
    const { code, err } = run("write", "1", join(folder, "link.txt"));
    expect(code).toBe(2);
    expect(err).toContain("(output/dangling-link)");
    expect(readdirSync(folder)).toEqual(["link.txt"]);
  });

  test("that fails midway leaves the old file and nothing else", () => {
    const folder = temporaryFolder({ "report.txt": "old" });
    const { code, err } = shell(`ulimit -f 1; $SAMPLE write 100000 ${folder}/report.txt`);
    expect(code).toBe(2);
    expect(err).toContain("could not be written: the file grows beyond the limit");
    expect(readdirSync(folder)).toEqual(["report.txt"]);
    expect(readFileSync(join(folder, "report.txt"), "utf8")).toBe("old");
  });

  test.each([
    ["/dev/full", "no space left on the device"],
    ["test/cli", "it is a folder"],
    ["no/such/folder/report.txt", "its folder does not exist"],
    ["package.json/report.txt", "its folder is a file"],
  ])("to %s is told: %s", (path, reason) => {
    const { code, out, err } = run("write", "1", path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(`The report could not be written: ${reason}.\n  at ${path}\n`);
  });

  test("- is stdout", () => {
    expect(run("write", "1", "-").out).toBe(LINE);
  });
});

describe("Ctrl-C", () => {
  test("lets the command tidy up, then ends with 130 and without a word", async () => {
    const folder = temporaryFolder({});
    const child = spawn(process.execPath, [...SAMPLE, "wait", join(folder, "tidied")]);
    let err = "";
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    child.stdout.once("data", () => child.kill("SIGINT"));
    expect(await ended(child)).toBe(130);
    expect(err).toBe("");
    expect(existsSync(join(folder, "tidied"))).toBe(true);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
    "%s ends work without a pause within a second",
    async (signal) => {
      const child = spawn(process.execPath, [...SAMPLE, "work"]);
      let at = 0;
      child.stdout.once("data", () => {
        at = performance.now();
        child.kill(signal);
      });
      const how = await new Promise((resolve) => child.once("exit", (_, by) => resolve(by)));
      expect(how).toBe(signal);
      expect(performance.now() - at).toBeLessThan(1000);
    },
  );

  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
    "%s leaves no half file behind, and nothing of a name cut at its length",
    async (signal) => {
      const folder = temporaryFolder({});
      const child = spawn(process.execPath, [...SAMPLE, "half", join(folder, "x".repeat(255))]);
      child.stdout.once("data", () => {
        child.kill(signal);
        // It hangs: the second one ends it.
        setTimeout(() => child.kill(signal), 100);
      });
      expect(await ended(child)).toBe(130);
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});
