import { StudioError } from '../../../models/errors';
import { inEnglish } from '../../../models/said';
import { licenceSaid } from '../../../models/weights/import/licence';
import { told } from '../../errors/told';
import { amount } from '../../../models/units';
import { repositoryPage } from '../../hub/address';
import { parse, text } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { say, sayJson, tell } from '../io';
import type { PullPlan } from '../../families/types';
import { catalogOf } from './catalog';
import { confirm } from './confirm';
import { InstallLine } from './progress';

const fields: Fields = {
  family: 'the name of the family',
  bytes: 'how much was downloaded, with what was here already',
  seconds: 'how long it took',
};

export const pullModel: Command = {
  summary: 'downloads a published model and makes a family of it',
  help: `npm run -s studio -- models pull NAME [flags]
npm run -s studio -- models pull OWNER/REPOSITORY [flags]   a family in the studio's own format (manifest.json) on the hub

Shows what would be downloaded and under which licences, asks, downloads, checks every hash and imports. The space that a decoder reads
is pulled first where it is missing. Ctrl-C keeps what arrived: the same command goes on from there, also after a power cut.

  --name N       what to call the family   (NAME)
  --base FAMILY  join this installed family instead of the space alone: its decoders come along
  --yes          agree without being asked
  --json         machine-readable output

With --json one object:
${fieldHelp(fields)}

HF_ENDPOINT names a mirror of the hub, HF_TOKEN an account's token for gated files, STUDIO_INSTALLED_DIR where families are kept.`,
  async run(args, io) {
    const { values, positionals } = parse(args, {
      name: { type: 'string' },
      base: { type: 'string' },
      yes: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const [name, ...more] = positionals;
    if (name === undefined || more.length)
      throw new StudioError(
        'option-invalid',
        'Name one published model: npm run -s studio -- models pull clip-vit-b32. `models list` shows all.',
      );
    const { installer, hub } = catalogOf(io);
    const line = new InstallLine(io.stderr);
    const onProgress = line.update.bind(line);
    const start = performance.now();
    try {
      const plan = await installer.plan(name, {
        as: text(values.name),
        base: text(values.base),
        onProgress,
        signal: io.signal,
      });
      line.end();
      tell(io, describePlan(plan, hub.endpoint));
      await confirm('Download this under these licences?', values.yes === true, io);
      await installer.pull(plan, { onProgress, signal: io.signal });
      line.end();
      if (values.json)
        await sayJson(io, { family: plan.name, bytes: plan.bytes, seconds: (performance.now() - start) / 1000 });
      else await say(io, `${plan.name} is installed. npm run -s studio -- caption photo.jpg --family ${plan.name}`);
      return 0;
    } catch (error) {
      line.end();
      if (told(error).code === 'cancelled' && performance.now() - start > 0)
        tell(
          io,
          `What arrived is kept. \`models pull ${name}\` goes on from there, \`models remove ${text(values.name) ?? name}\` throws it away.`,
        );
      throw error;
    }
  },
};

function describePlan({ steps, bytes, received, diskBytes, freeBytes }: PullPlan, endpoint: string): string {
  const lines = steps.flatMap(({ name, title, note, page, files, base, ...licence }) => [
    `${title}, as ${name}${base ? ` on ${base}` : ''}`,
    `  licence  ${inEnglish(licenceSaid(licence))}`,
    ...(note ? [`  note     ${note}`] : []),
    ...(page ? [`  source   ${page}`] : []),
    ...files.map(
      ({ repository, path, bytes: size, received: here, sha256 }) =>
        `  file     ${repositoryPage(endpoint, repository)} ${path}, ${amount(size)}${here ? `, ${amount(here)} of it here` : ''}${sha256 ? `, SHA-256 ${sha256.slice(0, 12)}…` : ''}`,
    ),
  ]);
  return [
    ...lines,
    `${amount(bytes - received)} to download${received ? ` of ${amount(bytes)}` : ''}; up to ${amount(diskBytes)} of disk while it works, ${amount(freeBytes)} free.`,
  ].join('\n');
}
