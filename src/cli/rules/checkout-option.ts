import type { OptionSpec } from "../options.ts";
import { usage } from "../options.ts";

/** The same in every command that reads source trees; each says what for. */
export const CHECKOUT_OPTION = {
  value: "NAME=DIR",
  multiple: true,
  group: "Sources",
} as const satisfies Omit<OptionSpec, "help">;

/** Folder by name, from texts such as "sglang=../sglang". */
export function checkoutsOf(
  texts: readonly string[],
  command: string,
): ReadonlyMap<string, string> {
  if (texts.length === 0)
    throw usage("no-checkout", `Which checkout? ${command} --checkout sglang=DIR`, command);
  return new Map(
    texts.map((text) => {
      const [, name, folder] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (name === undefined || folder === undefined)
        throw usage("bad-value", `--checkout ${JSON.stringify(text)}: expected NAME=DIR.`, command);
      return [name, folder];
    }),
  );
}
