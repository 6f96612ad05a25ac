import { describe, expect, it } from 'vitest';
import { bringNeeds, missing } from './needs.mjs';

/** A machine that has `programs`, and each of the two needs or not; `installs`: what its apt-get brings. */
function machineWith(given: {
  programs?: string[];
  chromium?: boolean;
  vulkan?: boolean;
  isRoot?: boolean;
  platform?: string;
  env?: Record<string, string>;
  installs?: boolean;
}) {
  const state = { chromium: given.chromium ?? false, vulkan: given.vulkan ?? false };
  const commands: string[] = [];
  return {
    commands,
    here: {
      platform: given.platform ?? 'linux',
      env: given.env ?? {},
      isRoot: given.isRoot ?? false,
      has: (name: string) => (given.programs ?? ['apt-get']).includes(name),
      chromium: () => (state.chromium ? '/usr/bin/chromium' : undefined),
      hasVulkan: () => state.vulkan,
      shell: (command: string) => {
        commands.push(command);
        if (given.installs === false) return false;
        if (/ chromium\b/.test(command)) state.chromium = true;
        if (/ libvulkan1\b/.test(command)) state.vulkan = true;
        return true;
      },
    },
  };
}

describe('what the tests need from the system', () => {
  it('is brought by root with apt-get, and only what is missing', () => {
    const fresh = machineWith({ isRoot: true });
    bringNeeds(fresh.here);
    expect(fresh.commands).toEqual([expect.stringMatching(/^apt-get update.*apt-get install .* chromium libvulkan1$/)]);
    expect(missing(fresh.here)).toEqual([]);
    const almost = machineWith({ isRoot: true, chromium: true });
    bringNeeds(almost.here);
    expect(almost.commands[0]).toMatch(/recommends libvulkan1$/);
    const whole = machineWith({ isRoot: true, chromium: true, vulkan: true });
    bringNeeds(whole.here);
    expect(whole.commands).toEqual([]);
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
