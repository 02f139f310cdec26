/**
 * One executable of the built package and this Node (`npm run single-file -- NAME`), for hosts
 * that have neither Node nor Python. Runs on systems like the one it was built on.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { packedFiles } from "./packed-files.ts";

/** Node's own mark of where the script goes: https://nodejs.org/api/single-executable-applications.html */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const [name = "fuse-triage"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "fuse-triage-single-"));
try {
  await buildInto(resolve(name));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function buildInto(target: string): Promise<void> {
  if (!readFileSync(process.execPath).includes(FUSE))
    throw new Error(
      `${process.execPath} is a Node that cannot carry a script; take one of nodejs.org`,
    );
  const script = join(folder, "launch.cjs");
  await build({
    entryPoints: ["scripts/single-file/launch.ts"],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20.19",
    logLevel: "warning",
  });
  const files = { ...packedFiles(), ...nodeLicence() };
  const text = JSON.stringify(files);
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const assets = { package: join(folder, "package.gz"), id: join(folder, "id") };
  writeFileSync(assets.package, gzipSync(text, { level: 9 }));
  writeFileSync(assets.id, `${version}-${digest}`);
  const config = join(folder, "config.json");
  const blob = join(folder, "blob");
  const sea = { main: script, output: blob, disableExperimentalSEAWarning: true, assets };
  writeFileSync(config, JSON.stringify(sea));
  execFileSync(process.execPath, ["--experimental-sea-config", config], { stdio: "ignore" });
  copyFileSync(process.execPath, target);
  chmodSync(target, 0o755);
  const isMac = process.platform === "darwin";
  if (isMac) execFileSync("codesign", ["--remove-signature", target]);
  const { inject } = await import("postject");
  await inject(target, "NODE_SEA_BLOB", readFileSync(blob), {
    sentinelFuse: FUSE,
    ...(isMac ? { machoSegmentName: "NODE_SEA" } : {}),
  });
  if (isMac) execFileSync("codesign", ["--sign", "-", target]);
}

/** Node's licence goes where Node goes; its archives hold it above the program. */
function nodeLicence(): Record<string, string> {
  const file = join(dirname(dirname(process.execPath)), "LICENSE");
  return existsSync(file)
    ? { "dist/licences/node.txt": readFileSync(file).toString("base64") }
    : {};
}
