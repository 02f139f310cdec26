import { execFileSync } from "node:child_process";

/** One measured run of a contender, in a process of its own. */
export interface Run {
  readonly ms: number;
  /** Time of all threads, start-up of Node included: what counts on a busy machine. */
  readonly cpuMs: number;
  /** Events read; 0 where nothing counts them. */
  readonly events: number;
  readonly peakKb: number;
}

export interface Contender {
  /** As contender.ts knows it. */
  readonly name: string;
  readonly path: string;
}

/** All contenders in turn, round after round, so that a busy minute hits them alike. */
export function runRounds<K extends string>(
  contenders: Readonly<Record<K, Contender>>,
  rounds: number,
): Record<K, Run[]> {
  const keys = Object.keys(contenders) as K[];
  const runs = Object.fromEntries(keys.map((key) => [key, [] as Run[]])) as Record<K, Run[]>;
  for (let round = 0; round < rounds; round++) {
    for (const key of keys) runs[key].push(run(contenders[key]));
    console.error(`round ${round + 1} of ${rounds}`);
  }
  return runs;
}

function run({ name, path }: Contender): Run {
  const args = ["--max-old-space-size=8192", ".bench/contender.js", name, path];
  const output = execFileSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  return JSON.parse(output.trimEnd().split("\n").at(-1)!) as Run;
}
