import { type ComponentType, useEffect, useState } from 'react';
import { useTranslation } from '../languages/use-translation';

/** A view whose script is fetched when it is first opened, so that the first visit does not wait for charts. */
export type Later<Props> = ComponentType<Props> & { /** Fetches it ahead, where that fails quietly. */ fetch(): void };

export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): Later<Props> {
  let View: ComponentType<Props> | undefined;
  let coming: Promise<void> | undefined;
  const begin = () =>
    (coming ??= load().then(
      (loaded) => {
        View = loaded;
      },
      (error: unknown) => {
        coming = undefined;
        throw error;
      },
    ));
  function Shown(props: Props) {
    const { t } = useTranslation();
    const [state, setState] = useState<'coming' | 'here' | 'failed'>('coming');
    useEffect(() => {
      if (state !== 'coming') return;
      let gone = false;
      begin().then(
        () => gone || setState('here'),
        () => gone || setState('failed'),
      );
      return () => {
        gone = true;
      };
    }, [state]);
    if (View) return <View {...props} />;
    if (state !== 'failed') return <p className="v-note">{t('Fetching this view …')}</p>;
    return (
      <div className="v-stack" role="alert">
        <p className="v-note">{t('This view could not be fetched: the studio did not answer.')}</p>
        <button type="button" className="v-button" onClick={() => setState('coming')}>
          {t('Try again')}
        </button>
      </div>
    );
  }
  return Object.assign(Shown, { fetch: () => void begin().catch(() => undefined) });
}
