import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where a package keeps what a person installed or made, since its own folder goes when it is updated: where the
 * system's programs keep such things, or `STUDIO_INSTALLED_DIR` for families.
 */
export function userFolder(
  env: Record<string, string | undefined>,
  what: 'families' | '',
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  if (what === 'families' && env.STUDIO_INSTALLED_DIR) return env.STUDIO_INSTALLED_DIR;
  const data =
    platform === 'win32'
      ? env.LOCALAPPDATA || join(home, 'AppData', 'Local')
      : platform === 'darwin'
        ? join(home, 'Library', 'Application Support')
        : env.XDG_DATA_HOME || join(home, '.local', 'share');
  return join(data, 'caption-studio', what);
}
