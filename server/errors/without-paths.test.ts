import { describe, expect, it } from 'vitest';
import { withoutPaths } from './without-paths';

describe('sentences for those who may not see the folders of the server', () => {
  it('keep the last name of a path, wherever it stands', () => {
    expect(
      withoutPaths('Cannot open the database /srv/studio/data/studio.db. Look at "/etc/keep/it" (/var/a/b).'),
    ).toBe('Cannot open the database …/studio.db. Look at "…/it" (…/b).');
    expect(withoutPaths('DATABASE_URL=file:PATH names another place than /srv/studio/data.')).toBe(
      'DATABASE_URL=file:PATH names another place than …/data.',
    );
    expect(withoutPaths('C:\\Users\\me\\clip.bin is no file.')).toBe('…/clip.bin is no file.');
  });
  it('keep a known folder from being told in part where its name has spaces', () => {
    expect(withoutPaths('/home/a b/c d/clip.bin is missing.', ['/home/a b/c d'])).toBe('…/c d/clip.bin is missing.');
  });
  it('leave addresses, repositories and fractions alone', () => {
    for (const sentence of ['https://hub.example/some/space has 3/4 of it.', 'owner/repository', 'and/or'])
      expect(withoutPaths(sentence)).toBe(sentence);
  });
});
