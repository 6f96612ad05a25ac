// A studio that is reached through a file, so that it can run in a network of its own while the browser does not.
// Arguments: the file, the port inside. Ends with the studio's status once its standard input ends.
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { root } from '../server/setup/shell.mjs';

const [file, port] = process.argv.slice(2);
const door = createServer((outside) => {
  const inside = connect(Number(port), '127.0.0.1');
  outside.pipe(inside).pipe(outside);
  for (const one of [inside, outside]) one.on('error', () => [inside, outside].forEach((each) => each.destroy()));
}).listen(file);
const studio = spawn(process.execPath, [join(root, 'server/setup/start.mjs')], {
  cwd: root,
  env: { ...process.env, PORT: port, HOST: '127.0.0.1' },
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.stdin.resume().on('end', () => studio.kill('SIGTERM'));
studio.on('exit', (status, signal) => {
  door.close();
  process.exit(status ?? signal);
});
