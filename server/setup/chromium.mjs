import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Path of a Chromium: CHROMIUM_PATH where it is set, else where systems put it, else one that PATH finds.
 * @param {Record<string, string | undefined>} env
 * @param {(path: string) => boolean} exists
 */
export function findChromium(env = process.env, exists = existsSync) {
  if (env.CHROMIUM_PATH) return exists(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined;
  const onPath = (env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return [...places, ...onPath].find((path) => exists(path));
}

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
