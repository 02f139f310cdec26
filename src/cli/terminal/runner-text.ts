type Environment = Readonly<Record<string, string | undefined>>;

/** Runners that take what a program prints for commands to themselves. */
const RUNNERS = ["GITHUB_ACTIONS", "GITEA_ACTIONS", "FORGEJO_ACTIONS", "TF_BUILD"] as const;

/** `::error::` where a line begins, whatever blanks and colours stand before it. */
const AT_LINE_START = /^((?:\s|\u001b\[[\d;]*m)*):(?=:)/gm;
/** `##[error]` and `##vso[task.setvariable …]`, wherever they stand. */
const ANYWHERE = /##(?=\[|vso\[)/gi;

/**
 * Text that means nothing to the runner of a workflow: a kernel may be called
 * `::stop-commands::x`, and a path `##vso[task.setvariable]`. The letter that makes it a command is
 * spelled out, as {@link ../report/document/inert.ts} does with what a terminal would obey.
 */
export function forRunner(text: string, env: Environment): string {
  if (!RUNNERS.some((name) => (env[name] ?? "") !== "")) return text;
  return text.replace(AT_LINE_START, "$1\\u{3a}").replace(ANYWHERE, "#\\u{23}");
}

/** Has everything that a stream is given as text pass {@link forRunner}. */
export function quietRunner(stream: NodeJS.WriteStream, env: Environment): void {
  if (forRunner("##[", env) === "##[") return;
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (text: unknown, ...rest: unknown[]) =>
    write(typeof text === "string" ? forRunner(text, env) : text, ...rest);
}
