const URLS = ["--url", "--mapping-url", "--formal-url"];

/** What `triage --help` says of triaging a running server. */
export const LIVE_HELP = {
  title: "Running servers",
  lines: [
    "triage --url http://127.0.0.1:30000              capture, then triage",
    "triage --mapping-url URL --formal-url URL        two servers, one without graphs",
    "All options of triage capture apply; see triage capture --help.",
  ],
};

/** True when the arguments name a server rather than traces. */
export function asksForCapture(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.some((arg) => URLS.some((url) => arg === url || arg.startsWith(`${url}=`)));
}
