import type { ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { LanguageProvider } from './provider';
import { Sentence } from './sentence';
import type { Catalog } from './translator';

const drawn = (sentence: ReactElement, catalog: Catalog = {}) =>
  renderToStaticMarkup(
    <LanguageProvider language="de" catalog={catalog}>
      {sentence}
    </LanguageProvider>,
  );

describe('a sentence with elements in it', () => {
  it('has them where its language says them, with their words', () => {
    const says = 'Open <address/> and press <em>Save</em> or <b>go <em>on</em></b>, {{name}}.';
    const german = '{{name}}, <em>Sichern</em> oder <b>wei<em>ter</em></b> auf <address/>.';
    const one = (
      <Sentence
        says={says}
        values={{ name: 'Ida' }}
        parts={{ address: <code>/c/1</code>, em: <em className="x" />, b: <b /> }}
      />
    );
    expect(drawn(one)).toBe(
      'Open <code>/c/1</code> and press <em class="x">Save</em> or <b>go <em class="x">on</em></b>, Ida.',
    );
    expect(drawn(one, { [says]: german })).toBe(
      'Ida, <em class="x">Sichern</em> oder <b>wei<em class="x">ter</em></b> auf <code>/c/1</code>.',
    );
  });

  it('takes nothing that is put in for an element or for another sentence', () => {
    const put = '<b>x</b> $t(Save) {{other}} & $&';
    expect(
      drawn(
        <Sentence
          says="<b>{{what}}</b> is {{what}}, {{nothing}}"
          values={{ what: put, other: 'no' }}
          parts={{ b: <b /> }}
        />,
        { Save: 'Sichern' },
      ),
    ).toBe(
      '<b>&lt;b&gt;x&lt;/b&gt; $t(Save) {{other}} &amp; $&amp;</b> is &lt;b&gt;x&lt;/b&gt; $t(Save) {{other}} &amp; $&amp;, {{nothing}}',
    );
  });

  it('has its plural, and says the words of a name that it has no element for', () => {
    expect(
      drawn(<Sentence says="<b>{{count}}</b> <i>lanes</i>" values={{ count: 1 }} parts={{ b: <b /> }} />, {
        '<b>{{count}}</b> <i>lanes</i>_one': '<b>{{count}}</b> <i>Spur</i>',
      }),
    ).toBe('<b>1</b> Spur');
  });
});
