import { cloneElement, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from './use-translation';

type Props = {
  /** The sentence in English, its key. `<name>words</name>` and `<name/>` stand for the element of that name. */
  says: string;
  parts: Readonly<Record<string, ReactElement>>;
  values?: Readonly<Record<string, string | number>>;
};

/**
 * A sentence with elements in it, whole, so that each language orders them as it needs. What is put in by `values` is
 * text, whatever it holds.
 */
export function Sentence({ says, parts, values = {} }: Props) {
  const { t } = useTranslation();
  return <>{elementsOf(t(says, { ...values, skipInterpolation: true }), parts, values)}</>;
}

/**
 * Split into elements before anything is put in, so that a value's own `<` is never taken for one. A name without an
 * element says its words.
 */
function elementsOf(sentence: string, parts: Props['parts'], values: NonNullable<Props['values']>): ReactNode[] {
  const nodes: ReactNode[] = [];
  let from = 0;
  for (const { 0: whole, index, groups } of sentence.matchAll(
    /<(?<alone>\w+)\/>|<(?<name>\w+)>(?<words>.*?)<\/\k<name>>/gsu,
  )) {
    nodes.push(filled(sentence.slice(from, index), values));
    from = index + whole.length;
    const { alone, name, words } = groups as { alone?: string; name?: string; words?: string };
    const inside = words === undefined ? [] : elementsOf(words, parts, values);
    const part = parts[(alone ?? name)!];
    if (part) nodes.push(cloneElement(part, { key: index }, ...inside));
    else nodes.push(...inside);
  }
  nodes.push(filled(sentence.slice(from), values));
  return nodes;
}

const filled = (text: string, values: Readonly<Record<string, string | number>>) =>
  text.replace(/\{\{(\w+)\}\}/g, (hole, name: string) => String(values[name] ?? hole));
