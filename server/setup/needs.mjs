// What the tests need from the system and npm does not bring: a Chromium, better a headless shell of it, and on Linux
// the Vulkan loader, with which the server's WebGPU runs in software where there is no GPU. No dependencies: this runs
// before they are installed.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findChromium, findHeadlessShell } from './chromium.mjs';
import { say, SetupError } from './report.mjs';
import { isStamped, stamp } from './stamp.mjs';

/** How each package manager is told, and its names of the two packages. */
const managers = {
  'apt-get': { install: 'apt-get install -y', chromium: 'chromium', vulkan: 'libvulkan1' },
  dnf: { install: 'dnf install -y', chromium: 'chromium', vulkan: 'vulkan-loader' },
  pacman: { install: 'pacman -S --noconfirm', chromium: 'chromium', vulkan: 'vulkan-icd-loader' },
  zypper: { install: 'zypper install -y', chromium: 'chromium', vulkan: 'libvulkan1' },
  apk: { install: 'apk add', chromium: 'chromium', vulkan: 'vulkan-loader' },
  brew: { install: 'brew install', chromium: '--cask chromium', vulkan: '' },
};

const noShell = '.studio/no-headless-shell';

/** What is known of this machine; tests put another in its place. */
export const machine = {
  platform: /** @type {string} */ (process.platform),
  env: /** @type {Record<string, string | undefined>} */ (process.env),
  isRoot: process.getuid?.() === 0,
  has: (/** @type {string} */ name) =>
    (process.env.PATH ?? '').split(delimiter).some((folder) => isProgram(join(folder, name))),
  chromium: () => findChromium(),
  headlessShell: () => findHeadlessShell(),
  /** Whether this system was found to have no headless shell. */
  hasNoShell: () => isStamped(noShell, 'none'),
  noteNoShell: () => stamp(noShell, 'none'),
  hasVulkan: () =>
    ['ldconfig', '/sbin/ldconfig'].some((ldconfig) =>
      spawnSync(ldconfig, ['-p'], { encoding: 'utf8' }).stdout?.includes('libvulkan.so.1'),
    ) ||
    ['/lib', '/usr/lib', '/usr/lib64', '/usr/local/lib'].some((folder) => existsSync(join(folder, 'libvulkan.so.1'))),
  /** @returns whether it ended well */
  shell: (/** @type {string} */ command) =>
    spawnSync('/bin/sh', ['-c', command], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0,
};

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns what is missing: 'chromium', 'vulkan' */
export const missing = ({ platform, chromium, hasVulkan }) => [
  ...(chromium() ? [] : ['chromium']),
  ...(platform === 'linux' && !hasVulkan() ? ['vulkan'] : []),
];

/**
 * A headless shell of Chromium does the same with less of the processor. It is brought where apt-get has it, quietly
 * and asked for once: where there is none, a whole Chromium does.
 */
function bringHeadlessShell(here) {
  if (!here.isRoot || !here.has('apt-get') || here.env.CHROMIUM_PATH || here.headlessShell() || here.hasNoShell())
    return;
  say('Installing chromium-headless-shell (apt-get), with which the tests are quicker, if there is one');
  // A whole Chromium of another version that depends on the same files is upgraded with it, never removed.
  const install = 'apt-get install -y -qq --no-install-recommends --no-remove chromium-headless-shell';
  const update = 'apt-get update -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=10';
  here.shell(`{ ${install} || { ${update}; ${install}; }; } >/dev/null 2>&1`);
  if (!here.headlessShell()) here.noteNoShell();
}

/**
 * Brings what the tests lack where this may install packages (root, with apt-get).
 * @throws SetupError with the one command that brings it, where this may not or could not
 */
export function bringNeeds(here = machine) {
  bringHeadlessShell(here);
  const lacks = missing(here);
  if (lacks.length === 0) return;
  const { CHROMIUM_PATH } = here.env;
  if (CHROMIUM_PATH && lacks.includes('chromium'))
    throw new SetupError(
      `CHROMIUM_PATH=${CHROMIUM_PATH} does not exist. Expected the path of a Chromium, which the end-to-end tests drive; without the variable it is looked for where systems put it.`,
    );
  const manager = Object.keys(managers).find((name) => here.has(name));
  const words = {
    chromium: 'a Chromium (the end-to-end tests drive a real one)',
    vulkan: 'the Vulkan loader (WebGPU on the server)',
  };
  const told = `The tests need ${lacks.map((name) => words[name]).join(' and ')}`;
  if (!manager)
    throw new SetupError(
      `${told}, and this machine has no package manager that is known here. Install it, say where a Chromium lies that is not found (CHROMIUM_PATH=/path/to/chromium npm test), and run the same command again.`,
    );
  const { install, ...names } = managers[manager];
  const packages = lacks.map((name) => names[name]).join(' ');
  if (here.isRoot && manager === 'apt-get') {
    say(`Installing ${packages} (apt-get), which the tests need`);
    const quietly = 'apt-get install -y -qq --no-install-recommends';
    if (here.shell(`apt-get update -qq; ${quietly} ${packages}`) && missing(here).length === 0) return;
  }
  throw new SetupError(
    `${told}. Bring it with\n\n  ${here.isRoot || manager === 'brew' ? '' : 'sudo '}${install} ${packages}\n\nand run the same command again. A Chromium that lies somewhere else is named by CHROMIUM_PATH=/path/to/chromium.`,
  );
}
