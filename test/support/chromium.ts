import { existsSync } from "node:fs";

const PLACES = [
  process.env.CHROMIUM_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** A Chromium of the system; null where there is none, and browser tests are skipped. */
export const CHROMIUM = PLACES.find((place) => place !== "" && existsSync(place)) ?? null;
