import { readSideText } from "../../../base/files/side-file.ts";
import { overrideTrtllm, TRTLLM_PROFILER_FILES } from "../../../capture/override-trtllm.ts";
import { EXIT, type ExitCode, TriageError } from "../../../model/errors.ts";
import type { Command, CommandContext } from "../../command.ts";
import { keepInputs } from "../../keep-inputs.ts";
import { type OptionSpecs, parseOptions, usage } from "../../options.ts";
import { writeOutput } from "../../terminal/output.ts";
import { remark } from "../../terminal/terminal.ts";

const COMMAND = "triage override-trtllm";

const OPTIONS = {
  input: {
    value: "FILE",
    aliases: ["source"],
    group: "Source",
    help: "The source file, copied out of the image.",
  },
  output: { value: "FILE", short: "o", group: "Source", help: "Write the patched source to FILE." },
  "no-color": { value: null, group: "Other", help: "No colour." },
  help: { value: null, short: "h", group: "Other", help: "This page." },
} as const satisfies OptionSpecs;

/** Patches TensorRT-LLM's profiler call to record Python stacks. */
export const overrideTrtllmSource: Command = {
  help: () => ({
    usage: ["triage override-trtllm FILE --output PATCHED"],
    summary:
      "TensorRT-LLM records no Python stacks, so its kernels have no Python location. This writes a copy of its source file with with_stack=True, to be mounted over the original. Early sources, which let all ranks write one file, are also limited to rank 0.",
    options: OPTIONS,
    sections: [
      {
        title: "Where the call lives, below the installed tensorrt_llm package (newest first)",
        lines: [...TRTLLM_PROFILER_FILES],
      },
      {
        title: "Example",
        lines: [
          "triage override-trtllm profiling.py --output patched.py",
          "docker run -v $PWD/patched.py:/usr/local/lib/python3.12/dist-packages/tensorrt_llm/_torch/pyexecutor/profiling.py:ro …",
        ],
      },
    ],
  }),
  run,
};

async function run(args: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const path = given.text("input") ?? given.positionals[0];
  if (path === undefined) throw usage("no-source", "No source file: name one.", COMMAND);
  const { text, changes, notes } = overrideTrtllm(readSource(path), path);
  keepInputs(given.text("output"), [path]);
  await writeOutput(text, given.text("output"));
  for (const { line, what } of changes) remark(`${path}:${line}: ${what}`, terminal);
  if (changes.length === 0) remark(`${path}: records stacks already; nothing changed`, terminal);
  for (const note of notes) remark(note, terminal);
  return EXIT.ok;
}

function readSource(path: string): string {
  try {
    return readSideText(path);
  } catch (cause) {
    throw new TriageError({
      code: "override/unreadable",
      exit: EXIT.unreadable,
      message: `the source cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      place: path,
      hint: `Copy ${TRTLLM_PROFILER_FILES.join(" or ")} out of the image first.`,
      cause,
    });
  }
}
