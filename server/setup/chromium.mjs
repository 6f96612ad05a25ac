import { existsSync } from 'node:fs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Path of a Chromium: CHROMIUM_PATH where it is set, else where systems put it.
 * @param {Record<string, string | undefined>} env
 * @param {(path: string) => boolean} exists
 */
export function findChromium(env = process.env, exists = existsSync) {
  return (env.CHROMIUM_PATH ? [env.CHROMIUM_PATH] : places).find((path) => exists(path));
}

/** @param {Record<string, string | undefined>} env */
export const howToGetChromium = (
  env = process.env,
) => `No Chromium was found${env.CHROMIUM_PATH ? ` (CHROMIUM_PATH=${env.CHROMIUM_PATH} does not exist)` : ''}: the end-to-end tests drive a real one.
Debian, Ubuntu: apt-get install chromium. macOS: brew install --cask chromium. Any other: npx playwright install chromium.
If it lies somewhere else, say where: CHROMIUM_PATH=/path/to/chromium npm test`;
