import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What only who reads or imports the package wants. */
const LEFT_OUT = /^(docs|forwards)\/|\.md$|^dist\/(types\/|index\.js)/;

/** The files that npm packs and the commands need: path → content in base64. */
export function packedFiles(): Record<string, string> {
  const args = ["pack", "--ignore-scripts", "--dry-run", "--json"];
  const listed = execFileSync("npm", args, {
    stdio: ["ignore", "pipe", "ignore"],
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  const [{ files }] = JSON.parse(listed) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path).filter((path) => !LEFT_OUT.test(path));
  return Object.fromEntries(
    paths.sort().map((path) => [path, readFileSync(path).toString("base64")]),
  );
}
