/**
 * What the tokenizer of the COCO evaluation takes for a token, found by watching it: its answers to tens of thousands
 * of strings of our own (goldens/make.py asks it), written here in our own words. Of all rules that fit at a place the
 * one that reaches furthest wins, what it looks ahead at included; of equals the first.
 */
export type Rule = {
  /** The token, and what must follow it. */
  pattern: RegExp;
  /** What is said for it; as it stands without. */
  say?: (token: string) => string | readonly string[];
};

const letter = String.raw`(?:[\p{L}\p{Mn}\p{Mc}\u00ad\u02c2-\u02df]|&[aeiouAEIOU](?:acute|grave|uml);)`;
const sign = String.raw`(?:${letter}|\p{Nd})`;
const apostrophe = String.raw`(?:['\u2019\u0092]|&apos;)`;
const space = String.raw`[ \t\u00a0\u2000-\u200a\u3000]`;
const gap = String.raw`(?:${space}|\n)`;
const hyphen = String.raw`[-\u058a\u2010\u2011]`;

const word = String.raw`${letter}${sign}*(?:[.!?]${letter}${sign}*)*`;
const elided = String.raw`(?:[dDoOlL]${apostrophe}${sign})?${sign}+`;
const joined = String.raw`${elided}(?:(?:_|${hyphen})${elided})*`;
const hyphened = String.raw`${sign}[A-Za-z0-9.,\u00ad]*(?:-(?:[A-Za-z](?:\.[A-Za-z])+\.|[A-Za-z0-9\u00ad]+))+`;
const capitals = String.raw`[A-Z]+(?:(?:[+&]|&amp;)[A-Z]+)+`;
const part = String.raw`[A-Za-z0-9]+(?:-[A-Za-z]+){0,2}`;
const either = String.raw`${part}(?:\\?/${part}){1,2}`;
const figure = String.raw`(?:\p{Nd}*(?:[.:,\u00ad\u066b\u066c]\p{Nd}+)+|\p{Nd}+)`;
const shortened = String.raw`${apostrophe}(?:[msdMSD]|[rR][eE]|[vV][eE]|[lL][lL])`;
const outside = String.raw`[^ \t\n\f\r"<>|()\u00a0]`;
const path = String.raw`${outside}*[^ \t\n\f\r"<>|()\u00a0.!?,{}\-]`;
const noHost = String.raw` \t\n\f\r"<>|.!?(){},;:'/\-_$=@[\]\u00a0`;
const extensions =
  'bat|bmp|c|class|cgi|cpp|dll|docx?|exe|gif|gz|h|html?|jar|java|jpe?g|mov|mp3|pdf|php|pl|png|ppt|ps|py|sql|tar|txt|wav|x|xml|zip';

/** Abbreviations that may also end a sentence: their stop is then said twice. */
const endings =
  'al|ala|apr|ariz|assn|aug|az|bhd|bldg|blvd|bros|calif|co|colo|conn|corp|cos|ct|dak|esq|dec|est|etc|ext|feb|fla|fri|ga|inc|ind|' +
  'intl|jan|jr|jul|jun|kans?|ky|ltd|mar|md|mich|minn|mo|mon|mont|neb|nev|nov|oct|okla|penn|ph\\.d|plc|rd|rt|sept?|seq|sq|sr|sys|tel|' +
  'tenn|thu|thurs|tues?|univ|va|vt|wed|wisc?|wyo|p?p?te|p?p?tes|p?p?ty|p?p?tys';
/** Likewise, in capitals only, since they are words. */
const namedEndings = ['Ark', 'Del', 'Ill', 'La', 'Mass', 'Miss', 'Ore', 'Pa', 'Tex', 'Wash']
  .flatMap((name) => [name, name.toUpperCase()])
  .join('|');
/** Small or large letters, written out: what is looked ahead at tells them apart. */
const anyCase = (words: string) => words.replace(/[a-z]/g, (small) => `[${small}${small.toUpperCase()}]`);
const ending = String.raw`(?:${anyCase(endings)}|${namedEndings})\.`;
/** Abbreviations that something follows. */
const titles =
  'adj|adm|adv|alex|assoc|asst|attys?|ave|brig|capt|cf|cie|cmdr|col|comdr|cpl|dept|det|drs?|elec|ens|ft|gen|govs?|hon|insp|' +
  'invt|jos|lieut|lt|maj|messrs|mlle|mme|mrs?|ms|msgr|mt|natl|pfc|ph|pres|profs?|pvt|reps?|rev|sens?|sfc|sgt|spc|ste?|supts?|' +
  'treas|vs|wm|mfg|mtg';
/** Abbreviations before a number alone. */
const numbered = 'art|ca|figs?|nos?|op|pp|prop';
/** Words that begin a sentence after initials, so that the stop of these is its end too. */
const openers =
  'A|About|According|Additionally|After|An|As|At|But|Earlier|He|Her|Here|However|If|In|It|Last|Many|More|Mr\\.|Ms\\.|Now|Once|' +
  'One|Other|Our|She|Since|So|Some|Such|That|The|Their|Then|There|These|They|This|We|What|When|While|Yet|You';

const markup = String.raw`<(?:[!?][A-Za-z-][^>\r\n]*|/[A-Za-z][\w:.-]* *|[A-Za-z][\w:.-]*(?: +[A-Za-z][\w:.-]*(?: *= *(?:'[^'\r\n]*'|"[^"\r\n]*"|[A-Za-z][\w:.-]*))?)* *(?:/ *)?)>`;
const face = String.raw`[-^x=~<>']`;
const brackets: Record<string, string> = {
  '(': '-lrb-',
  ')': '-rrb-',
  '[': '-lsb-',
  ']': '-rsb-',
  '{': '-lcb-',
  '}': '-rcb-',
};
const quotes: Record<string, string> = {
  '\u201c': '``',
  '\u0093': '``',
  '\u00ab': '``',
  '\u201d': "''",
  '\u0094': "''",
  '\u00bb': "''",
  '\u2018': '`',
  '\u0091': '`',
  '\u201b': '`',
  '\u2039': '`',
  '\u203a': "'",
};
const currencies: Record<string, string> = { '£': '#', '€': '$', '\u0080': '$', '\u20a0': '$', '¤': '$', '¢': 'cents' };
const fractions: Record<string, string> = { '¼': '1/4', '½': '1/2', '¾': '3/4', '⅓': '1/3', '⅔': '2/3' };

const withSpaces = (token: string) => token.replace(/ /g, '\u00a0');
const bracketed = (token: string) => token.replace(/[()]/g, (bracket) => brackets[bracket]!);
const ampersand = (token: string) => token.replace(/&amp;/gi, '&');
const straight = (token: string) => token.replace(new RegExp(apostrophe, 'g'), "'");
const twice = (token: string) => [token, '.'];

/** A rule from its token and what follows it; `i` where capitals do not count. */
function rule(token: string, ahead = '', say?: Rule['say'], flags = ''): Rule {
  return { pattern: new RegExp(`(${token})${ahead}`, `uy${flags}`), ...(say ? { say } : {}) };
}

export const rules: readonly Rule[] = [
  rule('cannot|gonna|gotta|lemme|gimme|wanna', '', (token) => [token.slice(0, 3), token.slice(3)], 'i'),
  rule("'t", '(?:is|was)', undefined, 'i'),
  rule(markup),
  rule(String.raw`&(?:MD|mdash|ndash);|[\u0096\u0097\u2013-\u2015]|-{2,4}`, '', () => '--'),
  rule('&amp;', '', () => '&', 'i'),
  rule('-[lr][rcs]b-', '', undefined, 'i'),
  rule('&(?:HT|TL|UR|LR|QC|QL|QR|odq|cdq|#[0-9]+);'),
  rule(`${word}|${joined}|${capitals}|${either}|${hyphened}`, shortened, ampersand),
  rule(`[A-Za-z]*[A-MO-Za-mo-z]`, `[nN]${apostrophe}[tT]`),
  rule(`[nN]${apostrophe}[tT]`, '', straight),
  rule(word),
  rule(
    String.raw`${apostrophe}n${apostrophe}?|[ldj]${apostrophe}|(?:dunkin|somethin|ol)${apostrophe}`,
    '',
    undefined,
    'i',
  ),
  rule(
    `${apostrophe}(?:em|till?|cause|[2-9]0s)|e${apostrophe}er|c${apostrophe}(?:mon|est)|o${apostrophe}o`,
    '',
    undefined,
    'i',
  ),
  rule(`${apostrophe}[0-9]{2}`, gap),
  rule(`y${apostrophe}`, '[a-z]', undefined, 'i'),
  rule(`[A-HJ-XZn]${apostrophe}${letter}{2,}|${letter}+[aeiouyAEIOUY]${apostrophe}[aeiouA-Z][A-Za-z]*`),
  rule(`https?://${outside}${path}`, '', undefined, 'i'),
  rule(String.raw`www\.(?:[^ \t\n\f\r"<>|.!?(){},]+\.)+[A-Za-z]{2,4}(?:/${outside}${path})?`, '', undefined, 'i'),
  rule(String.raw`(?:[^0-9${noHost}][^${noHost}]*\.)+(?:com|net|org|edu)(?:/${outside}${path})?`, '', undefined, 'i'),
  rule(
    String.raw`(?:&lt;|<)?[A-Za-z0-9][^ \t\n\f\r"<>|(){}\u00a0]*@(?:[^ \t\n\f\r"<>|(){}.\u00a0]+\.)*[^ \t\n\f\r"<>|(){}.\u00a0]+(?:&gt;|>)?`,
  ),
  rule(String.raw`@[A-Za-z_][A-Za-z_0-9]*|#${letter}+`),
  rule(shortened, '[^A-Za-z]', straight),
  rule(String.raw`(?:\p{Nd}{1,4}[- \u00a0])?\p{Nd}{1,4}(?:\\?/|\u2044)\p{Nd}{1,4}`, '', withSpaces),
  rule(`[${Object.keys(fractions).join('')}\u2153-\u215e]`, '', (token) => fractions[token] ?? token),
  rule(String.raw`[-+]?${figure}`),
  rule('[A-Z]*\\$|#'),
  rule(`[${Object.keys(currencies).join('')}]`, '', (token) => currencies[token]!),
  rule(joined),
  rule(capitals, '', ampersand),
  rule(String.raw`c\+\+|[cf]#`, '', undefined, 'i'),
  rule(either),
  rule(String.raw`(?:[A-Za-z]\.)+`, `${gap}+(?:(?:${openers})${gap}|${markup})`, (token) =>
    token.length > 2 ? [token, '.'] : [token[0]!, '.'],
  ),
  rule(String.raw`(?:${numbered})\.`, `${gap}?\\p{Nd}`, undefined, 'i'),
  rule(ending, `${gap}(?:${gap}|[A-Z]|<)`, twice),
  rule(ending, '[^][^]'),
  rule(ending, '', twice),
  rule(String.raw`(?:${titles})\.`, '', undefined, 'i'),
  rule(String.raw`[A-Za-z](?:\.[A-Za-z])*\.`),
  rule(String.raw`${sign}+(?:\.${sign}+)*\.(?:${extensions})`, '(?=\\s|[.?!,]|(?![^]))', undefined, 'i'),
  rule(`(?:${word}|${joined}|${capitals})\\.`, '[,;:]', ampersand),
  rule(
    String.raw`(?:\([0-9]{2,3}\)[ \u00a0]?|(?:\+\+?)?(?:[0-9]{2,4}[- \u00a0])?[0-9]{2,4}[- \u00a0])[0-9]{3,4}[- \u00a0]?[0-9]{3,5}`,
    '',
    (token) => bracketed(withSpaces(token)),
  ),
  rule(hyphened),
  rule(String.raw`(?:"|&quot;)`, '[A-Za-z0-9$]', () => '``'),
  rule(String.raw`(?:"|&quot;|'')`, '', () => "''"),
  rule('&QUOT;'),
  rule(`[${Object.keys(quotes).join('')}]`, '', (token) => quotes[token]!),
  rule(`[${Object.keys(quotes).join('')}\u2019\u0092]{2}`, '', (pair) =>
    [...pair].map((quote) => quotes[quote] ?? "'").join(''),
  ),
  rule("'", String.raw`[A-Za-z][^ \t\n\r\u00a0]`, () => '`'),
  rule(shortened, '', straight),
  rule(apostrophe, '', () => "'"),
  rule('``|`'),
  rule(String.raw`[<>]?[:;=][-o*']?[()DPdpO\\{@|[\]]`, '[^A-Za-z0-9]', bracketed),
  rule(String.raw`${face}_${face}|\(${face}[_.]?${face}\)`, '', bracketed),
  rule(String.raw`\.{3,}|\.(?:[ \u00a0]\.){2,}|\u2026`, '', () => '...'),
  rule(String.raw`[?!]+|-{5,}|\*+|_+|@+|#{2,}|<<|>>`),
  rule('[()[\\]{}]', '', (token) => brackets[token]!),
  rule('&lt;', '', () => '<', 'i'),
  rule('&gt;', '', () => '>', 'i'),
  rule('&nbsp;', '', () => [], 'i'),
  rule(String.raw`[\p{P}\p{S}\p{No}]`),
];
