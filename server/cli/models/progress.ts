import { amount, duration } from '../../../models/units';
import { inEnglish } from '../../../models/said';
import type { InstallProgress } from '../../families/types';
import type { Io } from '../io';

/**
 * How far a pull or an import is, on standard error: one line rewritten in place on a terminal, elsewhere a line for
 * each new phase and
 * every ten seconds.
 */
export class InstallLine {
  constructor(private readonly terminal: Io['stderr']) {}

  #shown = -Infinity;
  #phase = '';
  #dirty = false;

  update(progress: InstallProgress): void {
    const now = performance.now();
    const phase = `${progress.family} ${progress.phase} ${'file' in progress ? progress.file : ''}`;
    const fresh = phase !== this.#phase;
    if (!fresh && now - this.#shown < (this.terminal.isTTY ? 100 : 10_000)) return;
    this.#shown = now;
    this.#phase = phase;
    const line = describeProgress(progress);
    this.terminal.write(
      this.terminal.isTTY ? `\r\u001b[K${line.slice(0, Math.max(20, (this.terminal.columns || 80) - 1))}` : `${line}\n`,
    );
    this.#dirty = Boolean(this.terminal.isTTY);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#dirty) this.terminal.write('\r\u001b[K');
    this.#dirty = false;
  }
}

export function describeProgress(progress: InstallProgress): string {
  const { family } = progress;
  switch (progress.phase) {
    case 'asking':
      return `${family}: asking the hub`;
    case 'downloading': {
      const { received, bytes, speed, secondsLeft, file } = progress;
      const bar = '█'.repeat(Math.round((20 * received) / Math.max(1, bytes))).padEnd(20, '░');
      return `${family}: ${bar} ${amount(received)} of ${amount(bytes)}${speed ? `, ${amount(speed)}/s` : ''}${secondsLeft === undefined ? '' : `, ${duration(secondsLeft)} left`} (${file})`;
    }
    case 'waiting':
      return `${family}: ${inEnglish(progress.reason)}; trying again in ${duration(progress.ms / 1000)}`;
    case 'checking':
      return `${family}: checking ${progress.file}${progress.total ? `, ${percent(progress.done ?? 0, progress.total)}` : ''}`;
    case 'importing':
      return `${family}: importing (${inEnglish(progress.what)}), ${percent(progress.done, progress.total)}`;
    case 'settling':
      return `${family}: writing to the disk`;
  }
}

const percent = (done: number, total: number) => `${Math.floor((100 * done) / Math.max(1, total))} %`;
