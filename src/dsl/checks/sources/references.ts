import { ruleCheck } from "../check.ts";

/** reference-address. Whether an address still answers is nothing to ask in every run. */
export const referenceAddresses = ruleCheck("reference-address", function* ({ node }) {
  for (const { value } of node.refs) {
    const url = URL.canParse(value.text) ? new URL(value.text) : null;
    if (url?.protocol === "https:" && url.hostname.includes(".")) continue;
    yield {
      range: value.range,
      message: "a `ref` is the https address of a page",
      help: 'such as ref "https://docs.flashinfer.ai/api/norm.html"',
    };
  }
});
