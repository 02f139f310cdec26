/**
 * Looks for documents on which the readers disagree, crash or take long; with `--pipeline`, for
 * traces whose triage ends in anything but an inert report or a TriageError; with `--sides`, for
 * rule sets and files beside traces that do so.
 *
 * `npm run fuzz -- --cases 200000 --seed 1`, and to repeat one case
 * `npm run fuzz -- --seed 1 --from 4711 --cases 1`.
 */
import { parseArgs } from "node:util";
import { fuzzPipeline } from "../test/fuzz/pipeline.ts";
import { fuzzReaders } from "../test/fuzz/run.ts";
import { fuzzSides } from "../test/fuzz/sides/index.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    pipeline: { type: "boolean", default: false },
    sides: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const options = {
  cases: Number(values.cases),
  seed: Number(values.seed),
  from: Number(values.from),
  only: values.only,
};
const started = performance.now();
const { counts, failures } = await (values.sides
  ? fuzzSides
  : values.pipeline
    ? fuzzPipeline
    : fuzzReaders)({
  ...options,
  onProgress: (done) => {
    if (done % 1000 === 0) process.stderr.write(`${done} of ${options.cases}\n`);
  },
});
for (const [kind, tallies] of Object.entries(counts)) {
  const words = Object.entries(tallies).map(([tally, count]) => `${count} ${tally}`);
  console.log(`${kind.padEnd(28)} ${words.sort().join(", ")}`);
}
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `${options.cases} cases, seed ${options.seed}, ${failures.length} failures, ${seconds} s`,
);
for (const { kind, index, message, input } of failures) {
  console.log(`\n${kind}: --seed ${options.seed} --from ${index} --cases 1\n${message}\n${input}`);
}
process.exitCode = failures.length > 0 ? 1 : 0;
