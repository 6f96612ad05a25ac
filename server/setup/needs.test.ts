import { describe, expect, it } from 'vitest';
import { bringNeeds, missing } from './needs.mjs';

/**
 * A machine that has `programs`, and each of the needs or not; `installs`: what its apt-get brings; `offers`: whether
 * there is a headless shell among it.
 */
function machineWith(given: {
  programs?: string[];
  chromium?: boolean;
  vulkan?: boolean;
  isRoot?: boolean;
  platform?: string;
  env?: Record<string, string>;
  installs?: boolean;
  shell?: boolean;
  offers?: boolean;
}) {
  const state = {
    chromium: given.chromium ?? false,
    vulkan: given.vulkan ?? false,
    shell: given.shell ?? false,
    hasNone: false,
  };
  const commands: string[] = [];
  return {
    commands,
    here: {
      platform: given.platform ?? 'linux',
      env: given.env ?? {},
      isRoot: given.isRoot ?? false,
      has: (name: string) => (given.programs ?? ['apt-get']).includes(name),
      chromium: () =>
        state.shell ? '/usr/bin/chromium-headless-shell' : state.chromium ? '/usr/bin/chromium' : undefined,
      headlessShell: () => (state.shell ? '/usr/bin/chromium-headless-shell' : undefined),
      hasNoShell: () => state.hasNone,
      noteNoShell: () => void (state.hasNone = true),
      hasVulkan: () => state.vulkan,
      shell: (command: string) => {
        commands.push(command);
        if (given.installs === false) return false;
        if (/ chromium-headless-shell\b/.test(command)) return (state.shell = given.offers ?? false);
        if (/ chromium\b/.test(command)) state.chromium = true;
        if (/ libvulkan1\b/.test(command)) state.vulkan = true;
        return true;
      },
    },
  };
}

describe('what the tests need from the system', () => {
  it('is brought by root with apt-get, and only what is missing', () => {
    const of = (given: Parameters<typeof machineWith>[0]) => {
      const { here, commands } = machineWith({ isRoot: true, ...given });
      bringNeeds(here);
      expect(missing(here)).toEqual([]);
      return { here, commands };
    };
    const shell = expect.stringMatching(/install .*--no-remove chromium-headless-shell.*update.*>\/dev\/null 2>&1$/);
    expect(of({ offers: true }).commands).toEqual([
      shell,
      expect.stringMatching(/^apt-get update.*apt-get install .* libvulkan1$/),
    ]);
    expect(of({}).commands).toEqual([shell, expect.stringMatching(/apt-get install .* chromium libvulkan1$/)]);
    expect(of({ chromium: true }).commands).toEqual([shell, expect.stringMatching(/recommends libvulkan1$/)]);
    expect(of({ shell: true }).commands).toEqual([expect.stringMatching(/recommends libvulkan1$/)]);
    expect(of({ shell: true, vulkan: true }).commands).toEqual([]);
  });

  it('has a headless shell where there is one, and goes on with a whole Chromium where there is none', () => {
    const whole = { chromium: true, vulkan: true };
    const ubuntu = machineWith({ ...whole, isRoot: true });
    bringNeeds(ubuntu.here);
    bringNeeds(ubuntu.here);
    // Asked for once.
    expect(ubuntu.commands).toHaveLength(1);
    for (const other of [
      { isRoot: false },
      { isRoot: true, programs: ['dnf'] },
      { isRoot: true, env: { CHROMIUM_PATH: '/opt/chrome' } },
    ]) {
      const { here, commands } = machineWith({ ...whole, ...other });
      bringNeeds(here);
      expect(commands).toEqual([]);
    }
  });

  it('is named in one command where it may not be installed, or could not', () => {
    const told = (given: Parameters<typeof machineWith>[0]) => {
      const { here, commands } = machineWith(given);
      if (!given.isRoot) expect(commands).toEqual([]);
      try {
        bringNeeds(here);
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    };
    expect(told({})).toMatch(/\n {2}sudo apt-get install -y chromium libvulkan1\n/);
    expect(told({ chromium: true })).toMatch(/Vulkan loader.*\n {2}sudo apt-get install -y libvulkan1\n/s);
    expect(told({ isRoot: true, installs: false })).toMatch(/\n {2}apt-get install -y chromium libvulkan1\n/);
    expect(told({ isRoot: true, programs: ['dnf'] })).toMatch(/\n {2}dnf install -y chromium vulkan-loader\n/);
    expect(told({ platform: 'darwin', programs: ['brew'] })).toMatch(/\n {2}brew install --cask chromium\n/);
    expect(told({ programs: [] })).toMatch(/no package manager.*CHROMIUM_PATH=/);
    expect(told({ env: { CHROMIUM_PATH: '/nosuch' }, isRoot: true })).toMatch(/CHROMIUM_PATH=\/nosuch does not exist/);
    // No Vulkan loader is asked for where WebGPU needs none.
    expect(told({ platform: 'darwin', chromium: true })).toBeUndefined();
  });
});
