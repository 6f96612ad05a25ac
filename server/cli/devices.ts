import { openEngine } from '../engine/host';
import { parse } from './args';
import type { Command } from './main';

export const devices: Command = {
  summary: 'which devices work on this machine, and why others do not',
  help: `npm run -s studio -- devices [--json]

Tries every device of onnxruntime-node on a small graph and checks the answer.`,
  async run(args) {
    const { values } = parse(args, { json: { type: 'boolean' } }, { positionals: false });
    const engine = await openEngine();
    try {
      const reports = await engine.devices();
      const { device } = await engine.status();
      if (values.json) console.log(JSON.stringify({ chosen: device, devices: reports }));
      else {
        for (const { name, available, reason } of reports)
          console.log(`  ${name.padEnd(8)} ${available ? 'works' : `no: ${reason ?? ''}`}`);
        console.log(`auto takes ${device.name}${device.reason ? ` (${device.reason})` : ''}`);
      }
      return 0;
    } finally {
      await engine.close();
    }
  },
};
