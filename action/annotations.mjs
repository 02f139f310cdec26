// Workflow commands: what a runner shows as annotations.

/** Actions and failed limits that are shown; GitHub keeps ten of a kind. */
const MOST = 10;
const MOST_ACTIONS = 3;

/** What is said of a gate or a budget that failed, from the command's standard error. */
export function failures(stderr) {
  return stderr
    .split("\n")
    .flatMap((line) => /^(?:gate|budget) failed: (.*)$/.exec(line)?.[1] ?? []);
}

/**
 * Errors for limits that failed or for a command that did, notices for the first actions; each line
 * one command, whatever names in the trace hold.
 */
export function annotations({ code, failed, stderr, title, document }) {
  const errors = failed.slice(0, MOST).map((text) => command("error", title, text));
  const more =
    failed.length > MOST
      ? [command("error", title, `${failed.length - MOST} more limits failed`)]
      : [];
  const crashed =
    code > 1 ? [command("error", title, stderr.trim().slice(0, 2000) || `ended with ${code}`)] : [];
  const actions = (document?.actions ?? []).slice(0, MOST_ACTIONS).map((action) => {
    const us = action.saves.kernelUs + action.saves.gapUs;
    const saves =
      us > 0
        ? ` (at most ${us.toFixed(1)} us, ${action.saves.pctOfStep.toFixed(1)}% of the step)`
        : "";
    return command("notice", title, `${action.title}${saves}\n${action.do}`);
  });
  return [...crashed, ...errors, ...more, ...actions].map((line) => `${line}\n`).join("");
}

const command = (kind, title, text) => `::${kind} title=${property(title)}::${data(text)}`;

/** A message may hold anything but what ends a command; controls are spelled out. */
const data = (text) =>
  text
    .replace(/%/g, "%25")
    .replace(/\r/g, "%0D")
    .replace(/\n/g, "%0A")
    .replace(
      /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
      (char) => `\\u{${char.codePointAt(0).toString(16)}}`,
    );

const property = (text) => data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
