'use client';
import { CopyButton } from '../controls/copy-button';

/** Lines of code that can be copied whole. */
export function CodeBlock({ label, text }: { label: string; text: string }) {
  return (
    <div className="relative rounded-md border border-line bg-card">
      {/* A keyboard scrolls what is wider than the page. */}
      <pre tabIndex={0} aria-label={label} className="overflow-x-auto p-3 pr-10 font-mono text-xs leading-relaxed">
        {text}
      </pre>
      <CopyButton
        label={label}
        text={text}
        className="absolute top-1.5 right-1.5 rounded border border-line bg-card p-1.5"
      />
    </div>
  );
}
