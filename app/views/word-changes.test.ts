import { describe, expect, it } from 'vitest';
import { wordChanges } from './word-changes';

const said = (before: string, after: string) =>
  wordChanges(before, after)
    .map(({ text, kind }) => `${{ same: '', added: '+', gone: '-' }[kind]}${text}`)
    .join(' ');

describe('word changes', () => {
  it('tell words that came and went in the order of the captions', () => {
    expect(said('a dog is jumping', 'a brown dog is running')).toBe('a +brown dog is -jumping +running');
    expect(said('a dog', 'a dog')).toBe('a dog');
    expect(said('', 'a dog')).toBe('+a +dog');
    expect(said('a dog', '')).toBe('-a -dog');
    expect(said('', '')).toBe('');
  });

  it('count a word that is said twice as two', () => {
    expect(said('a dog and a cat', 'a dog')).toBe('a dog -and -a -cat');
    expect(said('the the', 'the the the')).toBe('the the +the');
  });

  it('take any gap for one between words, and nothing else', () => {
    expect(said('a  dog\n runs', ' a dog runs ')).toBe('a dog runs');
    expect(said('A dog.', 'a dog')).toBe('-A -dog. +a +dog');
  });

  it('rebuild both captions, however long', () => {
    const words = (seed: number) => Array.from({ length: 80 }, (_, i) => `w${(i * seed) % 13}`).join(' ');
    const changes = wordChanges(words(3), words(5));
    const side = (other: 'added' | 'gone') =>
      changes
        .filter(({ kind }) => kind !== other)
        .map(({ text }) => text)
        .join(' ');
    expect(side('added')).toBe(words(3));
    expect(side('gone')).toBe(words(5));
  });
});
