// A process for tests, bundled and started by store.test.ts: takes a lock, says so, and holds it until it is killed.
import { lockFamily } from './lock';

const [root = '', name = '', mode = 'shared'] = process.argv.slice(2);
const release = lockFamily(root, name, mode === 'exclusive' ? 'exclusive' : 'shared');
process.stdout.write(release ? 'locked\n' : 'refused\n');
if (release) setInterval(() => undefined, 1000);
