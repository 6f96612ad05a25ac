import { expect, it } from 'vitest';
import { benchGpu, describeGpu } from './main';

// The script itself, at tiny sizes on the CPU: another run of the same graphs must say the same.
it('measures every network on a device and holds it to the CPU', { timeout: 120_000 }, async () => {
  const report = await benchGpu(['--device', 'cpu', '--tiny'], () => undefined);
  expect(report.gpt2.map(({ sequences }) => sequences)).toEqual([1, 5, 8]);
  expect(report.captions.map(({ decoder }) => decoder)).toEqual(['clipcap', 'capdec', 'decap', 'coca']);
  for (const { agreement } of [...report.gpt2, ...report.captions]) {
    expect(agreement.tokens).toBe(1);
    expect(agreement.logProb).toBeLessThan(1e-4);
  }
  expect(describeGpu(report)).toMatch(/^cpu, fp32, .*tiny sizes/);
});

it('says what it takes, and that there is no such device', async () => {
  await expect(benchGpu(['--device', 'tpu'], () => undefined)).rejects.toMatchObject({ code: 'option-invalid' });
  await expect(benchGpu(['--device', 'cpu', '--precision', 'fp8'], () => undefined)).rejects.toMatchObject({
    code: 'option-invalid',
  });
  await expect(benchGpu(['--device', 'coreml', '--tiny'], () => undefined)).rejects.toMatchObject({
    code: 'device-unavailable',
    message: expect.stringMatching(/There is no GPU to measure here\. coreml: /) as string,
  });
});
