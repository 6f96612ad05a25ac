import type { Schema } from '@/kept/programs';

/** Values of an enumeration that are listed; the document has all. */
const mostValues = 6;

export type Field = { name: string; required: boolean; of: Schema };

/** Fields of an object and of the objects in it, by their paths: `lanes[].decoder`; at most `depth` levels. */
export function fieldsOf(schema: Schema, depth = 3, before = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, of]) => {
    const path = `${before}${name}`;
    const own = { name: path, required: schema.required?.includes(name) ?? false, of };
    if (depth <= 1) return [own];
    const list = of.type === 'array' && of.items;
    return [own, ...fieldsOf(list || of, depth - 1, `${path}${list ? '[]' : ''}.`)];
  });
}

/** What kind of value a field takes, in the words of JSON: `string | number[]`, `"run" | "read"`. */
export function typeText({ type, items, anyOf, oneOf, enum: values, const: only, default: fallback }: Schema): string {
  const kind = ((): string => {
    if (only !== undefined) return JSON.stringify(only);
    if (values) {
      const shown = values.slice(0, mostValues).map((value) => JSON.stringify(value));
      return [...shown, ...(values.length > mostValues ? ['…'] : [])].join(' | ');
    }
    const several = anyOf ?? oneOf;
    if (several) return [...new Set(several.map((one) => objectText(one)))].join(' | ');
    if (type === 'array') return `${items ? wrapped(typeText(items)) : 'any'}[]`;
    return Array.isArray(type) ? type.join(' | ') : (type ?? 'any');
  })();
  return fallback === undefined || typeof fallback === 'object' ? kind : `${kind} = ${JSON.stringify(fallback)}`;
}

const wrapped = (text: string) => (text.includes(' ') ? `(${text})` : text);
/** One of several kinds: an object by its fields. */
const objectText = (schema: Schema) =>
  schema.properties ? `{ ${Object.keys(schema.properties).join(', ')} }` : typeText(schema);
