import { join } from "node:path";
import { writeJson } from "../../base/files/write-whole.ts";
import { withoutSecrets } from "../secrets.ts";
import type { ServerFacts } from "../server-driver.ts";

export const SERVER_ARGS_FILE = "server_args.json";

/**
 * Writes what the server says about itself beside the traces, for reports and rule guards: SGLang's
 * own flat object, for others the same few keys and the raw answer. Secrets are left out.
 *
 * @returns the file's path
 */
export async function writeServerArgs(
  directory: string,
  facts: ServerFacts,
  apiKey: string | null,
): Promise<string> {
  const own = {
    framework: facts.framework,
    model: facts.model,
    tp_size: facts.tp,
    version: facts.version,
    url: facts.url,
  };
  const args =
    facts.framework === "sglang" ? { ...facts.raw, url: facts.url } : { ...facts.raw, ...own };
  const path = join(directory, SERVER_ARGS_FILE);
  await writeJson(path, withoutSecrets(args, apiKey));
  return path;
}
