import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Where systems put one, and what it is called on PATH. */
const whole = {
  places: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/snap/bin/chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
};
/** The same engine without all that a window needs: the tests take a fifth less of the processor with it. */
const shell = {
  places: ['/usr/bin/chromium-headless-shell'],
  names: ['chromium-headless-shell', 'chrome-headless-shell'],
};

function find(kinds, env, exists) {
  if (env.CHROMIUM_PATH) return exists(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined;
  const folders = (env.PATH ?? '').split(delimiter);
  return kinds
    .flatMap(({ places, names }) => [
      ...places,
      ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
    ])
    .find((path) => exists(path));
}

/**
 * Path of a Chromium for tests: CHROMIUM_PATH where it is set, else a headless shell, else a whole one; where systems
 * put it, or where PATH finds it.
 * @param {Record<string, string | undefined>} env
 * @param {(path: string) => boolean} exists
 */
export const findChromium = (env = process.env, exists = existsSync) => find([shell, whole], env, exists);

/**
 * The same of a headless shell alone.
 * @param {Record<string, string | undefined>} env
 * @param {(path: string) => boolean} exists
 */
export const findHeadlessShell = (env = process.env, exists = existsSync) => find([shell], env, exists);

/**
 * The same for measuring what a person's browser does: a headless shell only where there is no other.
 * @param {Record<string, string | undefined>} env
 * @param {(path: string) => boolean} exists
 */
export const findWholeChromium = (env = process.env, exists = existsSync) => find([whole, shell], env, exists);

/**
 * The software Vulkan that comes with a Chromium, beside its program: the server's WebGPU runs on it where there is no
 * GPU.
 * @param {string | undefined} chromium its program
 * @param {(path: string) => boolean} exists
 * @returns path of its description for the Vulkan loader (VK_ICD_FILENAMES), or undefined
 */
export function findSoftwareVulkan(chromium = findChromium(), exists = existsSync) {
  const folders = [
    ...(chromium ? [dirname(existsSync(chromium) ? realpathSync(chromium) : chromium)] : []),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
  ];
  return folders.map((folder) => join(folder, 'vk_swiftshader_icd.json')).find((path) => exists(path));
}
