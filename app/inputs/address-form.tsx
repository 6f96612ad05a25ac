import { type FormEvent, useState } from 'react';
import { useTranslation } from '../languages/use-translation';

/** A picture by its address. `onAddress` takes what was typed and says whether it was one. */
export function AddressForm({ busy, onAddress }: { busy: boolean; onAddress: (text: string) => boolean }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const give = (event: FormEvent) => {
    event.preventDefault();
    const taken = onAddress(text);
    setWrong(!taken);
    if (taken) setText('');
  };
  return (
    <form onSubmit={give} noValidate>
      <div className="flex gap-2">
        <input
          type="url"
          aria-label={t('Address of a picture')}
          aria-describedby="address-help"
          placeholder={t('Address of a picture')}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setWrong(false);
          }}
          className="min-w-0 flex-1 rounded-md border border-line bg-card px-2 py-1.5 text-sm placeholder:text-quiet"
        />
        <button
          type="submit"
          disabled={busy || !text.trim()}
          title={t('The studio’s server fetches it')}
          className="rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60"
        >
          {t('Fetch')}
        </button>
      </div>
      <p
        id="address-help"
        role={wrong ? 'alert' : undefined}
        className={wrong ? 'mt-1 text-xs text-danger' : 'sr-only'}
      >
        {wrong
          ? t('This is no address of a picture: it begins with https:// or http://.')
          : t('The studio’s server fetches it.')}
      </p>
    </form>
  );
}
