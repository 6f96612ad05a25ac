import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listOfProofs, proofCommand } from './proof-command.mjs';
import { proofs } from './proofs.mjs';

describe('long proofs', () => {
  it('are files that exist and read what makes them long, with a small copy that npm test runs', () => {
    for (const [name, proof] of Object.entries(proofs)) {
      const runners = [proof.vitest, proof.playwright, proof.script].filter(Boolean);
      expect(runners, name).toHaveLength(1);
      const file = proof.script ?? (proof.vitest ?? proof.playwright)![0]!;
      expect(existsSync(file), file).toBe(true);
      for (const variable of Object.keys(proof.env ?? {})) expect(readFileSync(file, 'utf8')).toContain(variable);
      expect(existsSync(proof.small), proof.small).toBe(true);
      expect(proof.small).toMatch(/\.(test|spec)\.tsx?$/);
      expect(listOfProofs()).toContain(`npm run proof -- ${name}\n`);
    }
  });

  it('take settings and arguments, and an unknown one is told what there is', () => {
    const all = { kills: { says: 'a', takes: 'b', small: 'c', vitest: ['k.test.ts'], env: { KILLS: '500' } } };
    expect(proofCommand('kills', [], all)).toEqual({ runner: 'vitest', args: ['k.test.ts'], env: { KILLS: '500' } });
    expect(proofCommand('kills', ['KILLS=9', '-t', 'of=it'], all)).toEqual({
      runner: 'vitest',
      args: ['k.test.ts', '-t', 'of=it'],
      env: { KILLS: '9' },
    });
    expect(() => proofCommand('kill', [], all)).toThrow(/no proof "kill".*npm run proof -- kills/s);
  });
});
