import { parse } from './args';
import type { Command } from './command';
import { fieldHelp, type Fields } from './fields';
import { say, sayJson } from './io';

const fields: Fields = {
  'chosen.name': 'the device that --device auto takes',
  'chosen.adapter': 'what hardware it is, where it tells',
  'chosen.reason': 'why that one, where there is something to say',
  'devices[].name': 'a device',
  'devices[].available': 'whether it works here',
  'devices[].reason': 'why not',
};

export const devices: Command = {
  summary: 'which devices work on this machine, and why others do not',
  help: `npm run -s studio -- devices [--json]

Tries every device of onnxruntime-node on a small graph and checks the answer.

  --json   machine-readable output

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values } = parse(args, { json: { type: 'boolean' } }, { positionals: 0 });
    const engine = await io.openEngine({});
    try {
      const reports = await engine.devices();
      const { device } = await engine.status();
      if (values.json) await sayJson(io, { chosen: device, devices: reports });
      else {
        for (const { name, available, reason } of reports)
          await say(io, `  ${name.padEnd(8)} ${available ? 'works' : `no: ${reason ?? ''}`}`);
        await say(io, `auto takes ${device.name}${device.reason ? ` (${device.reason})` : ''}`);
      }
      return 0;
    } finally {
      await engine.close();
    }
  },
};
