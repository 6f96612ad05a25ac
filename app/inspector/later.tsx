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
    const [, setState] = useState<'here' | 'failed' | 'asked'>('asked');
    const [tries, setTries] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (View) return;
      let gone = false;
      begin().then(
        () => gone || setState('here'),
        () => gone || setFailed(true),
      );
      return () => {
        gone = true;
      };
    }, [tries]);
    if (View) return <View {...props} />;
    if (!failed) return <p className="v-note">{t('Fetching this view …')}</p>;
    return (
      <div className="v-stack" role="alert">
        <p className="v-note">{t('This view could not be fetched: the studio did not answer.')}</p>
        <button
          type="button"
          className="v-button"
          onClick={() => {
            setFailed(false);
            setTries(tries + 1);
          }}
        >
          {t('Try again')}
        </button>
      </div>
    );
  }
  return Object.assign(Shown, { fetch: () => void begin().catch(() => undefined) });
}
