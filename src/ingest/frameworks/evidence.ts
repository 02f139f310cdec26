import type { FrameworkHints, FrameworkId } from "../../model/framework.ts";

/**
 * How much each kind of evidence weighs. What the trace itself ran beats what lies beside it
 * (server args may be left over from another run), and an engine's main loop beats a package that
 * another engine may import.
 */
const STRENGTH = {
  engineFrames: 400,
  threadName: 350,
  serverArgs: 300,
  ownAnnotation: 200,
  packageFrames: 100,
  sharedAnnotation: 50,
} as const;

interface Detection {
  readonly strength: number;
  readonly evidence: string;
}

/** What gives a framework away, in the files it runs, the annotations it writes, the arguments it takes. */
export interface Marks {
  readonly id: FrameworkId;
  /** Package directory as it stands in frame paths: "vllm". */
  readonly package: string;
  /** Files of the engine's main loop, relative to the package. */
  readonly engine: RegExp;
  /** Server arguments nobody else has. */
  readonly args: readonly string[];
  /** Names engines give their processes, as threads show them: "thread 263 (sglang::schedul)". */
  readonly thread: RegExp;
  readonly ownAnnotation: RegExp | null;
  readonly sharedAnnotation: RegExp | null;
  /** Who else writes the shared annotation, for the evidence line. */
  readonly sharedWith: string;
}

/** The strongest evidence there is for a framework, with every other one named behind it. */
export function detectBy(marks: Marks, hints: FrameworkHints): Detection | null {
  const found: Detection[] = [];
  const frames = framesOf(marks, hints);
  if (frames !== null) found.push(frames);
  const thread = hints.trace.threads.find(({ name }) => marks.thread.test(name ?? ""));
  if (thread !== undefined)
    found.push({ strength: STRENGTH.threadName, evidence: `process name in "${thread.name}"` });
  const args = argsOf(marks, hints.serverArgs);
  if (args !== null) found.push(args);
  for (const [pattern, strength, note] of [
    [marks.ownAnnotation, STRENGTH.ownAnnotation, ""],
    [marks.sharedAnnotation, STRENGTH.sharedAnnotation, ` (${marks.sharedWith})`],
  ] as const) {
    const annotation = hints.annotations.find((name) => pattern?.test(name) ?? false);
    if (annotation !== undefined)
      found.push({ strength, evidence: `annotation "${annotation}"${note}` });
  }
  if (found.length === 0) return null;
  found.sort((a, b) => b.strength - a.strength);
  return {
    strength: found[0]!.strength,
    evidence: found.map((each) => each.evidence).join("; "),
  };
}

function framesOf(marks: Marks, hints: FrameworkHints): Detection | null {
  // A folder that merely bears the name (/home/me/vllm/train.py) is no package; a file of the
  // engine's main loop is proof wherever it lies.
  const anywhere = new RegExp(`^(?:.*/)?${marks.package}/([^()]*)\\(`);
  const installed = new RegExp(
    `(?:^|/(?:site-packages|dist-packages|python|${marks.package})/)${marks.package}/`,
  );
  let count = 0;
  let engineFile: string | null = null;
  for (const frame of hints.frames) {
    const inside = anywhere.exec(frame.text)?.[1];
    if (inside === undefined) continue;
    const isEngine = marks.engine.test(inside);
    if (!isEngine && !installed.test(frame.text)) continue;
    count += frame.count;
    if (isEngine) engineFile ??= inside;
  }
  if (count === 0) return null;
  const times = `Python frames under ${marks.package}/ ×${count}`;
  return engineFile === null
    ? { strength: STRENGTH.packageFrames, evidence: times }
    : { strength: STRENGTH.engineFrames, evidence: `${times}, among them ${engineFile}` };
}

function argsOf(marks: Marks, args: FrameworkHints["serverArgs"]): Detection | null {
  if (args === null) return null;
  // Written by our own capture for engines that have no such file themselves.
  if (args.framework === marks.id)
    return {
      strength: STRENGTH.serverArgs,
      evidence: `server args name the framework ${marks.id}`,
    };
  const keys = marks.args.filter((key) => Object.hasOwn(args, key));
  return keys.length < 2
    ? null
    : { strength: STRENGTH.serverArgs, evidence: `server args ${keys.slice(0, 3).join(", ")}` };
}
