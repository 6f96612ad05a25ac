'use client';
import { Plus } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { DecoderCard } from '@/kept/answers';
import { useTranslation } from '../languages/use-translation';
import type { OptionSet } from './lane-config';
import { LaneMark } from '../views/lane-mark';

const item =
  'flex cursor-default items-center gap-2 rounded px-2 py-1.5 text-sm outline-none data-highlighted:bg-page data-[state=open]:bg-page';
const menu = 'z-10 min-w-44 rounded-md border border-line bg-card p-1 shadow-lg';

/** Another lane: a decoder at its defaults, or by a preset. */
export function AddLane({
  decoders,
  full,
  onAdd,
  onReset,
}: {
  decoders: readonly DecoderCard[];
  full: boolean;
  onAdd: (decoder: string, options: OptionSet) => void;
  onReset: () => void;
}) {
  const { t } = useTranslation();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="v-button">
        <Plus size={15} aria-hidden /> {t('Lane')}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} collisionPadding={8} className={menu}>
          {full && (
            <p className="max-w-52 px-2 py-1.5 text-xs text-quiet">
              {t('Sixteen lanes are the most. Remove one first.')}
            </p>
          )}
          {decoders.map((card) => (
            <DropdownMenu.Sub key={card.name}>
              <DropdownMenu.SubTrigger className={item} disabled={full}>
                <LaneMark decoder={card.name} />
                {card.title}
              </DropdownMenu.SubTrigger>
              <DropdownMenu.Portal>
                <DropdownMenu.SubContent className={menu} collisionPadding={8}>
                  <DropdownMenu.Item className={item} onSelect={() => onAdd(card.name, {})}>
                    {t('Family’s defaults')}
                  </DropdownMenu.Item>
                  {card.presets.map(({ name, options, help }) => (
                    <DropdownMenu.Item
                      key={name}
                      className={item}
                      title={help}
                      onSelect={() => onAdd(card.name, options)}
                    >
                      {name}
                    </DropdownMenu.Item>
                  ))}
                </DropdownMenu.SubContent>
              </DropdownMenu.Portal>
            </DropdownMenu.Sub>
          ))}
          <DropdownMenu.Separator className="my-1 border-t border-line" />
          <DropdownMenu.Item className={item} onSelect={onReset}>
            {t('Back to one of each decoder')}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
