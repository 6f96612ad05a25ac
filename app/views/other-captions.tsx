import { ChevronDown } from 'lucide-react';
import { Popover } from 'radix-ui';
import type { LaneResult } from '@/models/events';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';

/**
 * What else a lane's search found, best first: opened over the page, so that no card is stretched and nothing moves.
 */
export function OtherCaptions({ title, result }: { title: string; result: LaneResult }) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  const others = result.nBest.slice(1);
  return (
    <Popover.Root>
      <Popover.Trigger className="v-lane-more">
        <ChevronDown size={14} aria-hidden /> {t('{{count}} more', { count: others.length })}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="bottom"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="v-popover v-other-captions"
          aria-label={t('Other captions of {{title}}', { title })}
        >
          <ol start={2}>
            {others.map(({ caption, similarity }, i) => (
              <li key={i}>
                <span className="v-other-caption">
                  <span lang="en">{caption}</span>
                  <span className="v-numbers">
                    {t('cos')} {decimals(similarity, 2)}
                  </span>
                </span>
              </li>
            ))}
          </ol>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
