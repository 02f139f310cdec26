import { join } from "node:path";
import { isObject } from "../net/replies.ts";
import type { ServerFacts } from "../server-driver.ts";
import { writeJson } from "../write-json.ts";

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

/** Keys whose texts are secrets: api_key, admin_api_key, HF_TOKEN, …_password, …; not tokenizer_path or eos_token. */
const SECRET_KEY =
  /(?:^|_)(?:api_?keys?|access_key(?:_id)?|private_key|secret\w*|passwords?|passwd|credentials?|authorization|cookie)$|(?:^|_)(?:hf|hub|hugging_?face|auth|access|api|bearer|session|refresh|github|wandb)_(?:hub_)?token$|^token$|keyfile_password/i;
/** Secrets inside texts: `--api-key X`, `api_key='X'`, `Bearer X`. */
const SECRET_TEXT =
  /(--(?:admin-)?api-key[= ]|--hf-token[= ]|\b\w*api_key['"]?\s*[=:]\s*['"]?|\bBearer )([^\s'",]+)/gi;
/** `https://user:X@host` */
const URL_PASSWORD = /(:\/\/[^\s/:@]*:)[^\s'",@/]+(?=@)/g;

const REDACTED = "<redacted>";

/** A copy of `value` without secrets, the given key least of all. */
export function withoutSecrets(value: unknown, apiKey: string | null): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, apiKey));
  if (typeof value === "string") return cleanText(value, apiKey);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const secret =
        SECRET_KEY.test(key) && item !== null && item !== "" && typeof item !== "boolean";
      return [key, secret ? REDACTED : withoutSecrets(item, apiKey)];
    }),
  );
}

function cleanText(text: string, apiKey: string | null): string {
  const known = apiKey === null || apiKey === "" ? text : text.replaceAll(apiKey, REDACTED);
  return known
    .replace(URL_PASSWORD, `$1${REDACTED}`)
    .replace(SECRET_TEXT, (_, before: string, secret: string) =>
      /^(?:none|null)$/i.test(secret) ? before + secret : before + REDACTED,
    );
}
