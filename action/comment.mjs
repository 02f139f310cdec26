// One comment on a pull request, which later runs write anew.
import { readFileSync } from "node:fs";

/** Pages of comments looked through for one of ours. */
const MOST_PAGES = 10;

/**
 * Writes the comment, or tells why not: a run of a fork may not write, and that is no failure.
 *
 * @param title what its mark is made from; another title is another comment
 */
export async function commentOn({ env, title, body }) {
  const number = pullNumber(env.GITHUB_EVENT_PATH);
  if (number === null || !/^[\w.-]+\/[\w.-]+$/.test(env.GITHUB_REPOSITORY ?? "")) return;
  const mark = `<!-- fuse-triage: ${title.replace(/-{2,}|[<>]/g, "-")} -->`;
  const issues = `${env.GITHUB_API_URL ?? "https://api.github.com"}/repos/${env.GITHUB_REPOSITORY}/issues`;
  try {
    const known = await findMarked(`${issues}/${number}/comments`, mark, env.INPUT_TOKEN);
    const [method, url] =
      known === null
        ? ["POST", `${issues}/${number}/comments`]
        : ["PATCH", `${issues}/comments/${known}`];
    await ask(url, env.INPUT_TOKEN, { method, body: JSON.stringify({ body: `${mark}\n${body}` }) });
  } catch (error) {
    process.stdout.write(
      `::warning title=fuse-triage::The comment was not written%3A ${String(error.message).replace(/[%\r\n]/g, " ")}\n`,
    );
  }
}

function pullNumber(path) {
  if (path === undefined || path === "") return null;
  const event = JSON.parse(readFileSync(path, "utf8"));
  const number = event.pull_request?.number;
  return Number.isSafeInteger(number) ? number : null;
}

async function findMarked(url, mark, token) {
  for (let page = 1; page <= MOST_PAGES; page++) {
    const comments = await ask(`${url}?per_page=100&page=${page}`, token, {});
    const found = comments.find(
      ({ body, user }) => user?.type !== "User" && body?.startsWith(mark),
    );
    if (found !== undefined) return found.id;
    if (comments.length < 100) return null;
  }
  return null;
}

async function ask(url, token, options) {
  const response = await fetch(url, {
    ...options,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "user-agent": "fuse-triage",
      "x-github-api-version": "2022-11-28",
    },
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.json();
}
