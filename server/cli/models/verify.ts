import { amount } from '../../../models/units';
import type { Verification } from '../../families/types';
import { told } from '../../errors/told';
import { parse } from '../args';
import type { Command } from '../command';
import { errorFields, fieldHelp, type Fields, within } from '../fields';
import { say, sayJson } from '../io';
import { catalogOf } from './catalog';
import { InstallLine } from './progress';

const fields: Fields = {
  name: 'the name of the family',
  ok: 'whether all of it is whole and right',
  'files[].path': 'each file',
  'files[].bytes': 'how long it is',
  'files[].problem': 'what is wrong with it',
  ...within('error', errorFields),
};

export const verifyModels: Command = {
  summary: 'checks size and SHA-256 of every file of a family, or of all',
  help: `npm run -s studio -- models verify [NAME...] [--json]

Reads every file and compares it with the family's manifest. The exit status is 1 if any is damaged or missing.

With --json one object a family and line; \`error\` where the manifest itself cannot be read:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, { json: { type: 'boolean' } });
    const { store } = catalogOf(io);
    const names = positionals.length ? positionals : (await store.list()).map(({ name }) => name);
    const line = new InstallLine(io.stderr);
    let damaged = false;
    for (const name of names) {
      let answer: Verification;
      try {
        answer = await store.verify(name, {
          signal: io.signal,
          onProgress: ({ file, done, total }) => line.update({ phase: 'checking', family: name, file, done, total }),
        });
      } catch (thrown) {
        line.end();
        const error = told(thrown);
        if (error.code !== 'weights-invalid') throw error;
        damaged = true;
        if (values.json)
          await sayJson(io, { name, ok: false, files: [], error: { code: error.code, message: error.message } });
        else await say(io, `${name}: ${error.message}`);
        continue;
      }
      line.end();
      damaged ||= !answer.ok;
      if (values.json) {
        await sayJson(io, answer);
        continue;
      }
      const bad = answer.files.filter(({ problem }) => problem);
      await say(
        io,
        bad.length
          ? [
              `${name}: ${bad.length} of ${answer.files.length} files are not as they should be`,
              ...bad.map(({ path, problem }) => `  ${path} ${problem}`),
              `  ${name === 'pocket' ? 'git checkout -- models/pocket brings them back.' : `models remove ${name}, then pull or import it again.`}`,
            ].join('\n')
          : `${name}: all ${answer.files.length} files are whole and right (${amount(answer.files.reduce((sum, { bytes }) => sum + bytes, 0))})`,
      );
    }
    return damaged ? 1 : 0;
  },
};
