import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The last commit that knew one photo at a time. */
export const baselineCommit = '9d277fc';

/**
 * A checkout of that commit with its engine and `one-by-one.ts` bundled. It uses the packages that are installed here:
 * what is compared are two ways of calling the same onnxruntime. @returns its folder
 */
export function baseline(root: string): string {
  const folder = join(root, '.studio/baseline');
  if (!existsSync(join(folder, 'package.json'))) {
    execFileSync('git', ['worktree', 'prune'], { cwd: root });
    execFileSync('git', ['worktree', 'add', '--detach', '--force', folder, baselineCommit], { cwd: root });
  }
  if (!existsSync(join(folder, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'server/bench/collection'), { recursive: true });
  cpSync(join(root, 'server/bench/collection/one-by-one.ts'), join(folder, 'server/bench/collection/one-by-one.ts'));
  bundle(folder);
  return folder;
}

/** Bundles the engine's worker and `one-by-one.ts` of a checkout, by its own rules. */
export function bundle(folder: string): void {
  const script = `import { bundleFile } from './server/engine/bundle.mjs';
    await bundleFile('server/engine/worker.ts', 'engine-worker');
    await bundleFile('server/bench/collection/one-by-one.ts', 'one-by-one');`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
