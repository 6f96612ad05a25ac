'use client';
import { Copy, MoreHorizontal, MoveLeft, MoveRight, Play, Square, Trash2 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { memo } from 'react';
import type { Rating } from '@/kept/ratings';
import type { DecoderCard } from '@/kept/answers';
import { useTranslation } from '../languages/use-translation';
import { isFinal, type LaneFilm } from '../views/film';
import { LaneFace } from '../views/lane-face';
import { laneTitle } from '../views/looks';
import { RatingStars } from '../views/rating';
import { lookInto } from '../views/look-into';
import type { WebDevice } from '../engine/messages';
import type { LaneDevice } from './lane-device';
import type { LaneConfig, OptionSet } from './use-lanes';
import { DeviceChoice } from './device-choice';
import { OptionsSummary } from './lane-options';

type Props = {
  config: LaneConfig;
  card: DecoderCard;
  film?: LaneFilm;
  focused: boolean;
  /** It has an input to run on. */
  ready: boolean;
  first: boolean;
  last: boolean;
  only: boolean;
  full: boolean;
  actions: LaneActions;
  /** Where it runs, and where it could. */
  device: LaneDevice;
  available: readonly WebDevice[] | undefined;
  /** Devices are not changed while something runs. */
  locked: boolean;
  defaults: OptionSet;
  /** Of its caption, the word that is looked into. */
  word?: number;
  rating?: Rating;
  /** It alone has the most stars. */
  best: boolean;
  /** Its letter while its name was hidden. */
  was?: string;
};
export type LaneActions = {
  focus: (id: string) => void;
  run: (config: LaneConfig) => void;
  stop: (id: string) => void;
  duplicate: (config: LaneConfig) => void;
  move: (id: string, by: -1 | 1) => void;
  remove: (id: string) => void;
  word: (id: string, at: number) => void;
  branch: (film: LaneFilm, at: number, alternative: number) => void;
  setOptions: (id: string, options: OptionSet) => void;
  chooseDevice: (id: string, device: LaneDevice) => void;
  rate: (id: string, stars: number | undefined) => void;
};

const item =
  'flex cursor-default items-center gap-2 rounded px-2 py-1.5 text-sm outline-none data-disabled:opacity-50 data-highlighted:bg-page';

/** A lane of the page: what it did, what can be done with it, how it works, where it runs, its options. */
export const LaneCard = memo(function LaneCard({
  config,
  card,
  film,
  focused,
  ready,
  first,
  last,
  only,
  full,
  actions,
  device,
  available,
  locked,
  defaults,
  word,
  rating,
  best,
  was,
}: Props) {
  const { t } = useTranslation();
  const title = laneTitle(config);
  const running = film !== undefined && !isFinal(film.status);
  const button = 'rounded border border-line p-1 disabled:opacity-40';
  const remedy = (
    <button
      type="button"
      onClick={() => actions.run(config)}
      className="mt-1.5 rounded border border-danger px-2 py-0.5"
    >
      {t('Try again')}
    </button>
  );
  const tools = (
    <span className="flex shrink-0 gap-1">
      {running ? (
        <button
          type="button"
          className={button}
          onClick={() => actions.stop(config.id)}
          aria-label={t('Stop {{title}}', { title })}
        >
          <Square size={13} aria-hidden />
        </button>
      ) : (
        <button
          type="button"
          className={button}
          disabled={!ready}
          onClick={() => actions.run(config)}
          aria-label={t('Run {{title}} alone', { title })}
        >
          <Play size={13} aria-hidden />
        </button>
      )}
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className={button} aria-label={t('More for {{title}}', { title })}>
          <MoreHorizontal size={13} aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            className="z-10 min-w-40 rounded-md border border-line bg-card p-1 shadow-lg"
          >
            <DropdownMenu.Item className={item} disabled={full} onSelect={() => actions.duplicate(config)}>
              <Copy size={14} aria-hidden /> {t('Duplicate')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={item} disabled={first} onSelect={() => actions.move(config.id, -1)}>
              <MoveLeft size={14} aria-hidden /> {t('Move before')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={item} disabled={last} onSelect={() => actions.move(config.id, 1)}>
              <MoveRight size={14} aria-hidden /> {t('Move after')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className={item} disabled={only} onSelect={() => actions.remove(config.id)}>
              <Trash2 size={14} aria-hidden /> {t('Remove')}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </span>
  );
  return (
    <LaneFace
      lane={config}
      was={was}
      film={film}
      rating={
        <RatingStars
          of={title}
          value={film?.result && rating}
          best={best}
          ready={film?.result !== undefined}
          onRate={(stars) => actions.rate(config.id, stars)}
        />
      }
      actions={tools}
      remedy={ready ? remedy : undefined}
      focused={focused}
      onFocus={() => actions.focus(config.id)}
      word={word}
      onWord={(at) => actions.word(config.id, at)}
    >
      <p className="border-t border-line px-3 py-2 text-xs text-quiet">
        {t(card.idea)} {t('Trained on {{what}}.', { what: t(card.trainedOn) })}
      </p>
      <div className="mt-auto flex flex-wrap items-center gap-x-2 gap-y-1 border-t border-line px-3 py-2">
        <span className="text-xs text-quiet">{t('Runs on')}</span>
        <DeviceChoice
          label={t('Device of {{title}}', { title })}
          value={device}
          available={available}
          onChange={(chosen) => actions.chooseDevice(config.id, chosen)}
          disabled={locked}
        />
      </div>
      <button
        type="button"
        className="rounded-b-lg border-t border-line px-3 py-2 text-left text-sm text-quiet hover:text-ink"
        onClick={() => lookInto({ lane: config.id, tab: 'options', focus: true })}
      >
        {t('Options of {{title}}', { title })}{' '}
        <OptionsSummary card={card} defaults={defaults} values={config.options} />
      </button>
    </LaneFace>
  );
});
