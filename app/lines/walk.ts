import type { KeyboardEvent } from 'react';

/** Where the keyboard enters a line: its words, or the line itself where it has none. */
export const entryOf = (line: Element) =>
  line.querySelector<HTMLElement>('.v-token[tabindex="0"]') ?? (line as HTMLElement);

/** ↑ and ↓ go from line to line; a control that understands these keys itself keeps them. */
export function walkLines(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const target = event.target as HTMLElement;
  const inLine = target.closest('.v-line');
  if (!by || !inLine || event.defaultPrevented || target.closest('input, select, textarea, [role=menu]')) return;
  const lines = [...event.currentTarget.querySelectorAll('.v-line')];
  const next = lines[lines.indexOf(inLine) + by];
  event.preventDefault();
  if (next) entryOf(next).focus();
}
